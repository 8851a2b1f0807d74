package awsenv

import (
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"sync"
)

// amazonRoots are the certificates that AWS's endpoints are signed by, in PEM: Amazon
// Root CA 1 to 4 and Starfield Services Root Certificate Authority - G2 (Amazon Trust
// Services, https://www.amazontrust.com/repository/).
//
//go:embed amazon_roots.pem
var amazonRoots []byte

var amazonPool = sync.OnceValue(func() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(amazonRoots)
	return pool
})

// verifier checks servers' certificates: by Amazon's roots, and where those don't vouch
// for a certificate, by the system's. Parsing the system's 140 certificates is most of
// what a first TLS connection costs, and AWS's endpoints need five of them. An endpoint
// that a company signs itself, or that AWS signs otherwise one day, takes the longer way
// and is as welcome as before.
type verifier struct {
	amazon func() *x509.CertPool
	system *x509.CertPool // nil for those of the machine
}

// check checks the certificate of a server. host is the name or the address that was
// dialled: the state of a handshake has no name where host is an address.
func (v verifier) check(host string, state tls.ConnectionState) error {
	options := x509.VerifyOptions{Roots: v.amazon(), DNSName: host, Intermediates: x509.NewCertPool()}
	for _, certificate := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(certificate)
	}
	if _, err := state.PeerCertificates[0].Verify(options); err == nil {
		return nil
	}
	options.Roots = v.system
	_, err := state.PeerCertificates[0].Verify(options) // whose verdict is the error
	return err
}

// tlsConfig is for connections to a host. roots, if there are any, are the only ones.
func tlsConfig(host string, roots *x509.CertPool) *tls.Config {
	// AWS's endpoints speak HTTP/1.1, and a function without HTTP/2 is smaller.
	config := &tls.Config{ServerName: host, RootCAs: roots, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
	if roots == nil {
		// This turns off the check by the system's roots alone. VerifyConnection, which
		// runs on every handshake, does a whole check of its own.
		config.InsecureSkipVerify = true
		config.VerifyConnection = func(state tls.ConnectionState) error { return verifier{amazon: amazonPool}.check(host, state) }
	}
	return config
}
