package main

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// client speaks as much of HTTP/1.1 as the answers of the measurement take: one connection that stays open, one request
// at a time, and answers that tell their length.
type client struct {
	address string // host:port
	tls     *tls.Config

	conn   net.Conn
	reader *bufio.Reader
}

func (c *client) connect() (err error) {
	if c.conn != nil {
		return nil
	}
	if c.tls != nil {
		c.conn, err = tls.Dial("tcp", c.address, c.tls)
	} else {
		c.conn, err = net.Dial("tcp", c.address)
	}
	if err != nil {
		return err
	}
	c.reader = bufio.NewReader(c.conn)
	return nil
}

// do returns the answer's body and headers, with their names in small letters. A status that isn't 2xx is an error.
func (c *client) do(method, path string, header [][2]string, body []byte) (answer []byte, got map[string]string, err error) {
	if err := c.connect(); err != nil {
		return nil, nil, err
	}
	request := []byte(method + " " + path + " HTTP/1.1\r\nhost: " + c.address + "\r\n")
	for _, field := range header {
		request = append(request, field[0]+": "+field[1]+"\r\n"...)
	}
	if method == "POST" {
		request = append(request, "content-length: "+strconv.Itoa(len(body))+"\r\n"...)
	}
	request = append(append(request, "\r\n"...), body...)
	if _, err := c.conn.Write(request); err != nil {
		return nil, nil, err
	}
	return c.read()
}

func (c *client) read() (body []byte, header map[string]string, err error) {
	status, err := c.reader.ReadString('\n')
	if err != nil {
		return nil, nil, err
	}
	header = map[string]string{}
	for {
		line, err := c.reader.ReadString('\n')
		if err != nil {
			return nil, nil, err
		}
		name, value, found := strings.Cut(strings.TrimSpace(line), ": ")
		if !found {
			break
		}
		header[strings.ToLower(name)] = value
	}
	length, err := strconv.Atoi(header["content-length"])
	if err != nil {
		return nil, nil, errors.New("the answer doesn't tell its length")
	}
	body = make([]byte, length)
	if _, err := io.ReadFull(c.reader, body); err != nil {
		return nil, nil, err
	}
	if !strings.HasPrefix(status, "HTTP/1.1 2") {
		return nil, nil, fmt.Errorf("%s: %s", strings.TrimSpace(status), body)
	}
	return body, header, nil
}
