// Adds to a page what it does not need: a search box and sorting for tables, a button that copies a command.
// Without this script the page says the same.
(() => {
  "use strict";
  const words = document.body.dataset;
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // Searching: a row shows where it has all the words, in any order.
  const addSearch = (table, number) => {
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const input = make("input", { type: "search", id: "search-" + number, autocomplete: "off", spellcheck: false });
    const count = make("output", { htmlFor: input.id });
    const tools = make("div", { className: "tools" }, make("label", { htmlFor: input.id, textContent: words.search }), input, count);
    const filter = () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !wanted.every((word) => texts[i].includes(word));
        shown += row.hidden ? 0 : 1;
      });
      tools.classList.toggle("filtered", wanted.length > 0); // on paper, only then
      count.textContent = words.shown.replace("{shown}", shown).replace("{all}", rows.length);
    };
    input.addEventListener("input", filter);
    filter();
    table.before(tools);
  };

  // Sorting: by data-sort where a cell has one, else by its text, numbers by value.
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell ? cell.dataset.sort || cell.textContent.trim() : "";
  };
  const addSorting = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const upwards = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
        const body = table.tBodies[0];
        const rows = [...body.rows].sort((a, b) => (upwards ? 1 : -1) * collator.compare(key(a, column), key(b, column)));
        body.append(...rows);
      });
    });
  };

  document.querySelectorAll("table[data-tools]").forEach((table, number) => {
    addSearch(table, number);
    addSorting(table);
  });

  // Copying. Where a browser refuses, the command is selected instead.
  document.querySelectorAll(".command").forEach((command) => {
    const code = command.querySelector("code");
    const button = make("button", { type: "button", className: "copy", textContent: words.copy });
    const say = (text) => {
      button.textContent = text;
      setTimeout(() => { button.textContent = words.copy; }, 2000);
    };
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        say(words.copied);
      } catch {
        getSelection().selectAllChildren(code);
        say(words.selected);
      }
    });
    command.append(button);
  });

  // A link into something closed opens it.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let e = target; e; e = e.parentElement) {
      if (e.localName === "details") e.open = true;
    }
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
