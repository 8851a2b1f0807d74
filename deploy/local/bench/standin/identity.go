package standin

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Identity is what the services prove with TLS that they are: a certificate for 127.0.0.1, one between, and a root of its
// own, all with RSA keys of 2,048 bits, as AWS's endpoints have them.
type Identity struct {
	Bundle string // the PEM file that holds the root, for AWS_CA_BUNDLE

	certificate tls.Certificate
}

// NewIdentity makes the certificates and writes the root's to a directory.
func NewIdentity(directory string, now time.Time) (*Identity, error) {
	root, err := issue("bench root", nil, now)
	if err != nil {
		return nil, err
	}
	between, err := issue("bench intermediate", root, now)
	if err != nil {
		return nil, err
	}
	leaf, err := issue("127.0.0.1", between, now)
	if err != nil {
		return nil, err
	}
	id := &Identity{
		Bundle:      filepath.Join(directory, "root.pem"),
		certificate: tls.Certificate{Certificate: [][]byte{leaf.certificate.Raw, between.certificate.Raw}, PrivateKey: leaf.key},
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.certificate.Raw})
	if err := os.WriteFile(id.Bundle, text, 0o600); err != nil {
		return nil, fmt.Errorf("write the root certificate: %w", err)
	}
	return id, nil
}

func (id *Identity) config() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{id.certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
}

type issued struct {
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}

// issue makes a certificate. Without an issuer it is a root. A name that is an IP address makes one for a server.
func issue(name string, by *issued, now time.Time) (*issued, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make the key of the certificate %q: %w", name, err)
	}
	address := net.ParseIP(name)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), BasicConstraintsValid: true,
		IsCA: address == nil, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if address != nil {
		template.IPAddresses = []net.IP{address}
		template.KeyUsage = x509.KeyUsageDigitalSignature
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	certificate, parseErr := x509.ParseCertificate(raw)
	if err = errors.Join(err, parseErr); err != nil {
		return nil, fmt.Errorf("make the certificate %q: %w", name, err)
	}
	return &issued{certificate, key}, nil
}
