package busevents

// suffixes are the domains of AWS's partitions, but for the one of most of them, as
// the SDK's endpoint rules have them.
var suffixes = map[string]string{
	"aws-cn":    "amazonaws.com.cn",
	"aws-eusc":  "amazonaws.eu",
	"aws-iso":   "c2s.ic.gov",
	"aws-iso-b": "sc2s.sgov.gov",
	"aws-iso-e": "cloud.adc-e.uk",
	"aws-iso-f": "csp.hci.ic.gov",
}

// URL is EventBridge's endpoint in a region of a partition.
func URL(partition, region string) string {
	suffix, known := suffixes[partition]
	if !known {
		suffix = "amazonaws.com"
	}
	return "https://events." + region + "." + suffix + "/"
}
