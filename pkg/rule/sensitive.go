package rule

import "fmt"

// Service is a service that listens on a well-known port, over tcp or udp.
type Service struct {
	Port     uint16
	Name     string
	Database bool // a database, cache or search engine; false: remote administration
}

// String is the name with the port, such as "MySQL (3306)".
func (s Service) String() string { return fmt.Sprintf("%s (%d)", s.Name, s.Port) }

// sensitive are the well-known ports of remote administration, and those of databases,
// caches and search engines (IANA's service names, and the vendors' defaults), in the
// order of the ports. Severity and the advice of lint both follow this table.
var sensitive = []Service{
	{22, "SSH", false},
	{23, "Telnet", false},
	{135, "Windows RPC", false},
	{445, "Windows SMB", false},
	{1433, "SQL Server", true},
	{1521, "Oracle", true},
	{2375, "Docker", false},
	{2376, "Docker", false},
	{2379, "etcd", true},
	{3306, "MySQL", true},
	{3389, "RDP", false},
	{5432, "PostgreSQL", true},
	{5439, "Redshift", true},
	{5900, "VNC", false},
	{5984, "CouchDB", true},
	{5985, "WinRM", false},
	{5986, "WinRM", false},
	{6379, "Redis", true},
	{6443, "Kubernetes", false},
	{7000, "Cassandra", true},
	{7687, "Neo4j", true},
	{8086, "InfluxDB", true},
	{8182, "Neptune", true},
	{9042, "Cassandra", true},
	{9142, "Cassandra", true},
	{9200, "Elasticsearch", true},
	{9300, "Elasticsearch", true},
	{10250, "Kubernetes kubelet", false},
	{11211, "Memcached", true},
	{26257, "CockroachDB", true},
	{27017, "MongoDB", true},
	{27018, "MongoDB", true},
	{27019, "MongoDB", true},
	{50000, "Db2", true},
}

// Sensitive returns the services of remote administration and the databases whose ports
// the rule opens, in the order of the ports. Of a rule for all protocols it returns all.
func (r Rule) Sensitive() []Service {
	var opened []Service
	for _, s := range sensitive {
		hasPort := r.Ports.From <= s.Port && s.Port <= r.Ports.To
		if r.Protocol == All || (r.Protocol == TCP || r.Protocol == UDP) && hasPort {
			opened = append(opened, s)
		}
	}
	return opened
}
