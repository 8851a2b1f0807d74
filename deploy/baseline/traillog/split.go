package traillog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	firstBuffer = 128 << 10
	// largestRecord is what one record may have. CloudTrail truncates its records at 256 KB (CloudTrail User Guide, "Quotas in
	// AWS CloudTrail"), so that anything over 4 MiB is no record of CloudTrail's.
	largestRecord = 4 << 20
)

// position is where a splitter stands.
type position uint8

const (
	betweenValues position = iota
	inList                 // among the elements of "Records", or of a list that is the whole file
	behindList             // in the object that "Records" belongs to
)

// splitter finds the records in a stream, whatever its length, in a buffer that holds one record and what was read
// together with the record. Nothing is decoded.
//
// It knows files of CloudTrail ({"Records": […]}), one record after the other with or without lines between them, and
// either of them in the envelopes of EventBridge.
type splitter struct {
	from     io.Reader
	b        []byte // what was read; b[at:] is still to be seen
	at       int
	before   int64 // bytes of the stream before b
	failure  error // why nothing more can be read, io.EOF at the end
	position position
	listOnly bool  // the list is the whole file
	tooLarge int64 // records over largestRecord, which were left out
}

// piece is one object that may be a record.
type piece struct {
	raw     []byte // valid until the next call of next
	members members
	offset  int64 // of the first byte in the stream, after unpacking
}

func newSplitter(from io.Reader, buffer []byte) *splitter {
	return &splitter{from: from, b: buffer[:0]}
}

// next returns the next object. It returns io.EOF at the end of the stream. Any other error says in which way the stream
// is damaged; what came before the damage has been returned.
func (s *splitter) next() (piece, error) {
	for {
		c, err := s.peek()
		switch {
		case errors.Is(err, io.EOF) && s.position != betweenValues:
			return piece{}, s.torn()
		case err != nil:
			return piece{}, err
		case s.position == behindList:
			err = s.afterList()
		case c == '{':
			found, ok, err := s.object()
			if ok || err != nil {
				return found, err
			}
		case s.position == inList:
			err = s.inList(c)
		case c == '[':
			s.at++
			s.position, s.listOnly = inList, true
		default:
			err = s.strange("neither an object nor a list begins there")
		}
		if err != nil {
			return piece{}, err
		}
	}
}

// peek returns the next byte that is neither space nor a comma between values.
func (s *splitter) peek() (byte, error) {
	for {
		for ; s.at < len(s.b); s.at++ {
			if c := s.b[s.at]; !isSpace(c) && (c != ',' || s.position == behindList) {
				return c, nil
			}
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// object goes over the object that begins here. It returns false where the object holds a list of records, which come
// next, or is too large.
func (s *splitter) object() (piece, bool, error) {
	for {
		var m members
		end, result := m.walk(s.b[s.at:], 1, s.position == betweenValues)
		switch result {
		case complete:
			found := piece{raw: s.b[s.at : s.at+end], members: m, offset: s.before + int64(s.at)}
			s.at += end
			return found, true, nil
		case atList:
			s.at += end
			s.position, s.listOnly = inList, false
			return piece{}, false, nil
		case broken:
			s.at += end
			return piece{}, false, s.strange("the JSON of a record is damaged there")
		}
		if err := s.more(); errors.Is(err, errTooLarge) {
			s.tooLarge++
			s.at++
			return piece{}, false, s.skipTo(1)
		} else if err != nil {
			return piece{}, false, err
		}
	}
}

// inList goes over what is no object in a list: its end, and elements that are no records.
func (s *splitter) inList(c byte) error {
	if c == ']' {
		s.at++
		s.position = behindList
		if s.listOnly {
			s.position = betweenValues
		}
		return nil
	}
	for {
		end, result := valueEnd(s.b[s.at:], 0)
		if result == complete {
			s.at += end
			return nil
		}
		if result == broken {
			return s.strange("no record begins there")
		}
		if err := s.more(); errors.Is(err, errTooLarge) {
			return s.strange("the list has an element over 4 MiB that is no record")
		} else if err != nil {
			return err
		}
	}
}

// afterList goes over the members that follow "Records".
func (s *splitter) afterList() error {
	for {
		var m members
		end, result := m.walk(s.b[s.at:], 0, true)
		switch result {
		case complete:
			s.at += end
			s.position = betweenValues
			return nil
		case atList:
			s.at += end
			s.position = inList
			return nil
		case broken:
			s.at += end
			return s.strange(`the JSON behind "Records" is damaged there`)
		}
		if err := s.more(); errors.Is(err, errTooLarge) {
			s.position = betweenValues
			return s.skipTo(1)
		} else if err != nil {
			return err
		}
	}
}

// skipTo goes to the end of the object or list that is depth levels up, without keeping what lies between.
func (s *splitter) skipTo(depth int) error {
	inString, escaped := false, false
	for {
		for ; s.at < len(s.b); s.at++ {
			c := s.b[s.at]
			switch {
			case escaped:
				escaped = false
			case inString:
				escaped, inString = c == '\\', c != '"'
			case c == '"':
				inString = true
			case c == '{', c == '[':
				depth++
			case c == '}', c == ']':
				depth--
			}
			if depth == 0 {
				s.at++
				return nil
			}
		}
		if err := s.fill(); errors.Is(err, io.EOF) {
			return s.torn()
		} else if err != nil {
			return err
		}
	}
}

var errTooLarge = errors.New("a record is too large")

// more reads on where an object ends behind what was read.
func (s *splitter) more() error {
	if len(s.b)-s.at >= largestRecord {
		return errTooLarge
	}
	if err := s.fill(); errors.Is(err, io.EOF) {
		return s.torn()
	} else if err != nil {
		return err
	}
	return nil
}

// fill moves what is still to be seen to the front of the buffer and fills the rest. It makes the buffer larger where
// there is no rest. It fails only where nothing more could be read.
func (s *splitter) fill() error {
	if s.failure != nil {
		return s.failure
	}
	s.before += int64(s.at)
	left := copy(s.b, s.b[s.at:])
	if left == cap(s.b) {
		s.b = append(make([]byte, 0, min(2*cap(s.b), largestRecord)), s.b...)
	}
	s.at, s.b = 0, s.b[:left]
	for empty := 0; len(s.b) < cap(s.b) && s.failure == nil; empty++ {
		n, err := s.from.Read(s.b[len(s.b):cap(s.b)])
		s.b, s.failure = s.b[:len(s.b)+n], err
		if n > 0 {
			empty = 0
		}
		if empty > 100 {
			s.failure = io.ErrNoProgress
		}
	}
	if len(s.b) == left {
		return s.failure
	}
	return nil
}

func (s *splitter) torn() error {
	return fmt.Errorf("the file ends in the middle, at byte %d", s.before+int64(len(s.b)))
}

func (s *splitter) strange(what string) error {
	rest := s.b[s.at:]
	if n := bytes.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	return fmt.Errorf("the file is not JSON from byte %d on: %s: %q", s.before+int64(s.at), what, rest[:min(len(rest), 20)])
}
