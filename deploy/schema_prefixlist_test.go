package deploy_test

import (
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

func decodePrefixList(data []byte) error { _, err := baseline.DecodePrefixList(data, ""); return err }

func listing(entries string) string {
	return `{"schema":1,"prefixListId":"pl-0a","entries":[` + entries + `]}`
}

var validPrefixLists = map[string]string{
	"no entry":                        listing(""),
	"one entry":                       listing(`{"cidr":"10.0.0.0/8","description":"head office"}`),
	"entries of IPv6":                 listing(`{"cidr":"2001:db8::/32"},{"cidr":"2600::/12"}`),
	"the world":                       listing(`{"cidr":"::/0"}`),
	"every setting":                   `{"schema":1,"prefixListId":"pl-0a1b2c3d4e5f60718","prefixListName":"offices","mode":"enforce","restore":true,"graceMinutes":0,"entries":[]}`,
	"a description of 255 characters": listing(`{"cidr":"10.0.0.0/8","description":"` + strings.Repeat("é", 255) + `"}`),
}

var wrongPrefixLists = map[string]string{
	"a later schema":                  `{"schema":2,"prefixListId":"pl-0a","entries":[]}`,
	"an unknown field":                `{"schema":1,"prefixListId":"pl-0a","entries":[],"match":"exact"}`,
	"no id":                           `{"schema":1,"entries":[]}`,
	"a group's id":                    `{"schema":1,"prefixListId":"sg-0a","entries":[]}`,
	"no list":                         `{"schema":1,"prefixListId":"pl-0a"}`,
	"a list of null":                  `{"schema":1,"prefixListId":"pl-0a","entries":null}`,
	"a mode that is none":             `{"schema":1,"prefixListId":"pl-0a","mode":"off","entries":[]}`,
	"a grace of more than a day":      `{"schema":1,"prefixListId":"pl-0a","graceMinutes":1441,"entries":[]}`,
	"an entry as text":                listing(`"10.0.0.0/8"`),
	"an entry without a CIDR":         listing(`{"description":"x"}`),
	"an entry with ports":             listing(`{"cidr":"10.0.0.0/8","ports":"22"}`),
	"an entry for a group":            listing(`{"cidr":"sg-0a"}`),
	"an address without a length":     listing(`{"cidr":"10.0.0.1"}`),
	"a description of 256 characters": listing(`{"cidr":"10.0.0.0/8","description":"` + strings.Repeat("é", 256) + `"}`),
}
