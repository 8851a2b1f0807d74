package flowlog

import "testing"

func TestOpener(t *testing.T) {
	t.Parallel()
	record := func(protocol uint8, from, to int32, flags ...uint8) Record {
		r := Record{Protocol: protocol, Source: Endpoint{Port: from}, Target: Endpoint{Port: to}}
		for _, f := range flags {
			r.Flags, r.HasFlags = f, true
		}
		return r
	}
	for name, c := range map[string]struct {
		record Record
		want   side
	}{
		"a SYN comes from the caller":                       {record(tcp, 40000, 5432, 2), sourceSide},
		"a SYN with FIN comes from the caller":              {record(tcp, 40000, 5432, 3), sourceSide},
		"a SYN-ACK comes from who was called":               {record(tcp, 5432, 40000, 18), targetSide},
		"a SYN-ACK with FIN comes from who was called":      {record(tcp, 5432, 40000, 19), targetSide},
		"flags win over ports":                              {record(tcp, 443, 40000, 2), sourceSide},
		"an RST proves nothing":                             {record(tcp, 40000, 5432, 4), unknownSide},
		"flags of 0 prove nothing":                          {record(tcp, 40000, 5432, 0), unknownSide},
		"a low port is the service's":                       {record(tcp, 40000, 443), sourceSide},
		"a low port at the source is the service's":         {record(tcp, 443, 40000), targetSide},
		"flags of 0 leave the low port":                     {record(tcp, 443, 40000, 0), targetSide},
		"FTP calls from port 20":                            {record(tcp, 20, 40000), unknownSide},
		"NFS calls from ports up to 1023":                   {record(tcp, 800, 2049), unknownSide},
		"two low ports prove nothing":                       {record(tcp, 22, 443), unknownSide},
		"two high ports prove nothing":                      {record(tcp, 5432, 40000), unknownSide},
		"equal ports prove nothing, even with flags":        {record(tcp, 179, 179, 2), unknownSide},
		"UDP has no beginning":                              {record(udp, 40000, 53), unknownSide},
		"flags of UDP are no flags":                         {record(udp, 40000, 53, 2), unknownSide},
		"ICMP has no ports":                                 {record(1, 0, 0), unknownSide},
		"a port that was left out is the caller's":          {record(udp, noPort, 8080), sourceSide},
		"a port left out at the target is the caller's too": {record(tcp, 8080, noPort), targetSide},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.record.opener(); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
