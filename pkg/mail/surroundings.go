package mail

import (
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

func (b *block) title() string {
	a := b.alertWithName()
	switch {
	case a.PrefixListID != "":
		return capital(listLabel(a))
	case a.GroupID == "":
		return "Not about one security group"
	}
	parts := []string{name(a.GroupID)}
	if a.GroupName == "" {
		parts = nil
	}
	if a.VpcID != "" {
		parts = append(parts, name(a.VpcID))
	}
	text := "Security group " + label(a)
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	return text
}

// alertWithName is the alert of the block that knows the group's name, if one does.
func (b *block) alertWithName() alert.Alert {
	for _, a := range b.alerts {
		if a.GroupName != "" || a.PrefixListName != "" {
			return a
		}
	}
	return b.alerts[0]
}

// surroundings says which network interfaces use the group, where that is known.
func (b *block) surroundings() string {
	for _, a := range b.alerts {
		if a.Interfaces != nil {
			return interfacesText(*a.Interfaces) + "\n"
		}
	}
	return ""
}

func interfacesText(i alert.Interfaces) string {
	if i.Total == 0 && !i.More {
		return "Used by nothing."
	}
	least := either(i.More, "at least ", "")
	text := "Used by " + least + plural(i.Total, "interface")
	switch {
	case i.Public == 0 && i.More:
		return text + "."
	case i.Public == 0:
		return text + ", none of them with a public address."
	case i.Total == 1 && !i.More:
		return text + ", with a public address."
	}
	return fmt.Sprintf("%s, %s%d of them with a public address.", text, least, i.Public)
}
