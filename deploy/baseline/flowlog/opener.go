package flowlog

// side is one of the two ends of a record.
type side uint8

const (
	unknownSide side = iota
	sourceSide
	targetSide
)

// Protocols with ports, and the flags of TCP (VPC User Guide, Flow log records, field tcp-flags: SYN is 2, SYN-ACK 18;
// an ACK alone is not recorded).
const (
	tcp     = 6
	udp     = 17
	flagSYN = 2
	synACK  = 18
)

// opener says who opened the connection of a record, as far as the record proves that:
//
//   - A port that the Athena query left out is of whoever opened the connection.
//   - TCP's SYN comes from who opened the connection, SYN-ACK from who was called. Between equal ports either end may
//     call, so that equal ports prove nothing.
//   - A TCP port below 512 with one from 1024 on is the service's: systems take the ports of callers from 1024 on, or
//     from 512 on for some old services and NFS. Port 20 is left out: FTP calls from this port.
//
// UDP has no beginning. A server may send to a client of long ago, which takes a rule of its own.
func (r *Record) opener() side {
	from, to := r.Source.Port, r.Target.Port
	switch {
	case from == noPort && to == noPort:
		return unknownSide
	case from == noPort:
		return sourceSide
	case to == noPort:
		return targetSide
	case r.Protocol != tcp || from == to:
		return unknownSide
	case r.HasFlags && r.Flags&synACK == synACK:
		return targetSide
	case r.HasFlags && r.Flags&synACK == flagSYN:
		return sourceSide
	case isService(to) && isCaller(from):
		return sourceSide
	case isService(from) && isCaller(to):
		return targetSide
	}
	return unknownSide
}

const (
	servicesBelow = 512
	callersFrom   = 1024
	ftpData       = 20
)

func isService(port int32) bool { return port > 0 && port < servicesBelow && port != ftpData }

func isCaller(port int32) bool { return port >= callersFrom }
