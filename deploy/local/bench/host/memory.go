package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Memory is the process's resident memory in bytes.
type Memory struct {
	Now  int64
	Peak int64 // since the process was started
}

// Memory reads the process's resident memory: VmRSS and VmHWM of proc_pid_status(5). The maximum of getrusage(2) won't
// do: a child takes over that of the process that started it.
func (h *Host) Memory() (Memory, error) {
	name := fmt.Sprintf("/proc/%d/status", h.process.Pid())
	status, err := os.ReadFile(name)
	if err != nil {
		return Memory{}, fmt.Errorf("read the function's memory: %w", err)
	}
	var m Memory
	for field, to := range map[string]*int64{"VmRSS:": &m.Now, "VmHWM:": &m.Peak} {
		if *to, err = kilobytes(string(status), field); err != nil {
			return Memory{}, fmt.Errorf("read the function's memory in %s: %w", name, err)
		}
	}
	return m, nil
}

// kilobytes returns the bytes of a line such as "VmHWM:    1234 kB".
func kilobytes(status, field string) (int64, error) {
	for line := range strings.Lines(status) {
		words := strings.Fields(line)
		if len(words) == 3 && words[0] == field {
			n, err := strconv.ParseInt(words[1], 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("there is no line %q", field)
}
