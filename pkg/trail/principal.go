package trail

// principalOf returns the ARN that stands for who acted (CloudTrail User Guide,
// "CloudTrail userIdentity element").
//
//	type           arn                                 principal
//	AssumedRole    arn:aws:sts::1:assumed-role/ci/ana  the issuer's, arn:aws:iam::1:role/ci
//	FederatedUser  arn:aws:sts::1:federated-user/bob   the issuer's, arn:aws:iam::1:user/ana
//	IAMUser        arn:aws:iam::1:user/ana             the same
//	Root           arn:aws:iam::1:root                 the same
//	others         any or none                         none
//
// The arn of a session ends in a name that whoever began the session chose, so
// that no part of such an arn says who acted. A type that is not known here has no
// principal.
func principalOf(identity value) string {
	switch identity.get("type").text() {
	case "AssumedRole", "FederatedUser":
		return identity.get("sessionContext", "sessionIssuer", "arn").text()
	case "IAMUser", "Root":
		return identity.get("arn").text()
	}
	return ""
}
