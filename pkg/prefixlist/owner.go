package prefixlist

// AWS is the owner of the lists that AWS manages (EC2 API reference, ManagedPrefixList,
// OwnerId).
const AWS = "AWS"

// Unchangeable returns why nobody in an account may change the entries of the list; empty
// where somebody may. Only the owner may change a list, and of a list that a resolver of
// IPAM fills, the resolver writes the entries (VPC User Guide, "Share customer-managed
// prefix lists").
func (l List) Unchangeable(account string) string {
	switch {
	case l.Owner == AWS:
		return "AWS manages this prefix list"
	case l.Owner != account:
		return "the prefix list belongs to account " + l.Owner
	case l.ManagedByIPAM:
		return "IPAM writes the entries of this prefix list"
	}
	return ""
}
