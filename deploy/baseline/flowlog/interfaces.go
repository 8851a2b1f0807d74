package flowlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// InterfacesCommand makes the file that ReadInterfaces reads.
const InterfacesCommand = "aws ec2 describe-network-interfaces --output json > interfaces.json"

// Interface is a network interface with the groups that it has.
type Interface struct {
	ID, VPC  string
	Groups   []string // ids, and the names of the groups as name:…
	Addrs    []netip.Addr
	Prefixes []netip.Prefix // delegated to the interface
	Type     string         // such as network_load_balancer
	// Since is when the interface was attached, in seconds since 1970; 0: not known. Before that time its addresses may
	// have been those of another interface.
	Since int64
}

func (i *Interface) hasAddr(a netip.Addr) bool {
	return slices.Contains(i.Addrs, a) || slices.ContainsFunc(i.Prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Interfaces are the interfaces of one or more snapshots, by id.
type Interfaces map[string]*Interface

// describedInterfaces is the answer of DescribeNetworkInterfaces as the AWS CLI prints it (EC2 API reference).
type describedInterfaces struct{ NetworkInterfaces []describedInterface }

type describedInterface struct {
	NetworkInterfaceID string `json:"NetworkInterfaceId"`
	VpcID              string `json:"VpcId"`
	PrivateIPAddress   string `json:"PrivateIpAddress"`
	InterfaceType      string
	Attachment         struct{ AttachTime time.Time }
	Groups             []struct {
		GroupID   string `json:"GroupId"`
		GroupName string
	}
	PrivateIPAddresses []struct {
		PrivateIPAddress string `json:"PrivateIpAddress"`
	} `json:"PrivateIpAddresses"`
	IPv6Addresses []struct {
		IPv6Address string `json:"Ipv6Address"`
	} `json:"Ipv6Addresses"`
	IPv4Prefixes []struct {
		IPv4Prefix string `json:"Ipv4Prefix"`
	} `json:"Ipv4Prefixes"`
	IPv6Prefixes []struct {
		IPv6Prefix string `json:"Ipv6Prefix"`
	} `json:"Ipv6Prefixes"`
}

// Add adds the interfaces of a file to those of other files. An interface that has other groups in another file counts
// as having all of them.
func (all Interfaces) Add(data []byte) error {
	var described describedInterfaces
	if err := json.Unmarshal(data, &described); err != nil {
		return fmt.Errorf("read the answer of describe-network-interfaces: %w", err)
	}
	if described.NetworkInterfaces == nil {
		return errors.New(`the file has no list "NetworkInterfaces": make the file with ` + InterfacesCommand)
	}
	for n, d := range described.NetworkInterfaces {
		if d.NetworkInterfaceID == "" {
			return fmt.Errorf("NetworkInterfaces[%d] has no NetworkInterfaceId: make the file with %s", n, InterfacesCommand)
		}
		i, err := d.asInterface()
		if err != nil {
			return fmt.Errorf("read the addresses of %s: %w", d.NetworkInterfaceID, err)
		}
		all.merge(i)
	}
	return nil
}

func (d describedInterface) asInterface() (*Interface, error) {
	i := &Interface{ID: d.NetworkInterfaceID, VPC: d.VpcID, Type: d.InterfaceType}
	if at := d.Attachment.AttachTime; !at.IsZero() {
		i.Since = at.Unix()
	}
	for _, g := range d.Groups {
		i.Groups = append(i.Groups, g.GroupID, "name:"+g.GroupName)
	}
	addrs := []string{d.PrivateIPAddress}
	for _, a := range d.PrivateIPAddresses {
		addrs = append(addrs, a.PrivateIPAddress)
	}
	for _, a := range d.IPv6Addresses {
		addrs = append(addrs, a.IPv6Address)
	}
	var prefixes []string
	for _, p := range d.IPv4Prefixes {
		prefixes = append(prefixes, p.IPv4Prefix)
	}
	for _, p := range d.IPv6Prefixes {
		prefixes = append(prefixes, p.IPv6Prefix)
	}
	return i, i.addresses(addrs, prefixes)
}

func (i *Interface) addresses(addrs, prefixes []string) error {
	for _, text := range addrs {
		if text == "" {
			continue
		}
		a, err := netip.ParseAddr(text)
		if err != nil {
			return err
		}
		if !slices.Contains(i.Addrs, a) {
			i.Addrs = append(i.Addrs, a)
		}
	}
	for _, text := range prefixes {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return err
		}
		i.Prefixes = append(i.Prefixes, p)
	}
	return nil
}

func (all Interfaces) merge(i *Interface) {
	known := all[i.ID]
	if known == nil {
		all[i.ID] = i
		return
	}
	for _, g := range i.Groups {
		if !slices.Contains(known.Groups, g) {
			known.Groups = append(known.Groups, g)
		}
	}
	for _, a := range i.Addrs {
		if !slices.Contains(known.Addrs, a) {
			known.Addrs = append(known.Addrs, a)
		}
	}
	known.Prefixes = append(known.Prefixes, i.Prefixes...)
	if known.Since == 0 || i.Since > 0 && i.Since < known.Since {
		known.Since = i.Since
	}
}
