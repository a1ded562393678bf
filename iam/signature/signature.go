// Package signature checks requests that are signed with an access key: the algorithm SDK-HMAC-SHA256 in both of its variants.
// It is pure: values in, verdict out.
//
//	Authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=h1;h2, Signature=hex
//	    signature = HMAC(SK, string to sign)
//	Authorization: SDK-HMAC-SHA256 Credential=AK/date/region/service/sdk_request, SignedHeaders=h1;h2, Signature=hex
//	    signature = HMAC(key, string to sign with the scope), key = HMAC chain "SDK"+SK, date, region, service, "sdk_request"
//
//	canonical request = METHOD \n URI \n query \n headers \n signed headers \n hex(SHA-256(body))
//
// Clients differ in which headers they sign; the list is taken as it was sent. x-sdk-date must be in it, since nothing else
// limits how long a captured request is good.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Algorithm is the first word of the Authorization header.
const Algorithm = "SDK-HMAC-SHA256"

// MaxSkew is how far the client's clock may be off, in both directions.
const MaxSkew = 15 * time.Minute

// Bounds of what a client may send; real clients stay far below.
const (
	maxAuthorizationBytes = 4096
	maxSignedHeaders      = 64
	maxAccessKeyChars     = 128
)

const (
	headerDate        = "X-Sdk-Date"
	headerContentHash = "X-Sdk-Content-Sha256"
	dateLayout        = "20060102T150405Z"
	terminator        = "sdk_request"
)

// Why a request is refused.
var (
	ErrMalformed = errors.New("the signature's form is wrong")
	ErrSkew      = errors.New("the signature's date is too far from the server's clock")
	ErrMismatch  = errors.New("the signature does not match the request")
)

// Request is what of a request can be signed.
type Request struct {
	Method   string
	Path     string // decoded
	RawQuery string
	Host     string              // as sent, with the port
	Header   map[string][]string // canonical names, as net/http has them; without Host
}

func (r Request) header(name string) []string { return r.Header[name] }

// Authorization is a parsed Authorization header. Nothing in it is proven until Verify.
type Authorization struct {
	AccessKey     string
	signedHeaders []string
	signedList    string // as sent
	signature     [sha256.Size]byte
	scope         *scope // of the Credential variant
}

type scope struct{ text, date, region, service string }

// Parse reads the value of an Authorization header. The error wraps ErrMalformed.
func Parse(authorization string) (Authorization, error) {
	if len(authorization) > maxAuthorizationBytes {
		return Authorization{}, malformed("the Authorization header is too long")
	}
	rest, ok := strings.CutPrefix(authorization, Algorithm+" ")
	if !ok {
		return Authorization{}, malformed("the algorithm is not " + Algorithm)
	}
	parts := make(map[string]string, 3)
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; !ok || twice {
			return Authorization{}, malformed("its parts are not name=value, each once")
		}
		parts[name] = value
	}
	if len(parts) != 3 {
		return Authorization{}, malformed("it has not three parts")
	}
	var a Authorization
	accessKey, isAccess := parts["Access"]
	credential, isCredential := parts["Credential"]
	switch {
	case isAccess && !isCredential:
		a.AccessKey = accessKey
	case isCredential && !isAccess:
		if err := a.parseCredential(credential); err != nil {
			return Authorization{}, err
		}
	default:
		return Authorization{}, malformed("it has neither Access nor Credential")
	}
	if a.AccessKey == "" || len(a.AccessKey) > maxAccessKeyChars {
		return Authorization{}, malformed("the access key's length is wrong")
	}
	if err := a.parseSignedHeaders(parts["SignedHeaders"]); err != nil {
		return Authorization{}, err
	}
	sig := parts["Signature"]
	if len(sig) != hex.EncodedLen(sha256.Size) || strings.ToLower(sig) != sig {
		return Authorization{}, malformed("the signature is not 64 lower-case hexadecimal digits")
	}
	if _, err := hex.Decode(a.signature[:], []byte(sig)); err != nil {
		return Authorization{}, malformed("the signature is not hexadecimal")
	}
	return a, nil
}

func (a *Authorization) parseCredential(credential string) error {
	p := strings.Split(credential, "/")
	if len(p) != 5 || p[4] != terminator {
		return malformed("the credential is not key/date/region/service/" + terminator)
	}
	a.AccessKey = p[0]
	a.scope = &scope{text: credential[len(p[0])+1:], date: p[1], region: p[2], service: p[3]}
	return nil
}

func (a *Authorization) parseSignedHeaders(list string) error {
	names := strings.Split(list, ";")
	if len(names) > maxSignedHeaders {
		return malformed("it signs too many headers")
	}
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		if n == "" || strings.ToLower(n) != n || seen[n] {
			return malformed("its signed headers are not lower-case names, each once")
		}
		seen[n] = true
	}
	if !seen["x-sdk-date"] {
		return malformed("it does not sign x-sdk-date")
	}
	a.signedHeaders, a.signedList = names, list
	return nil
}

func (a Authorization) signs(name string) bool {
	for _, n := range a.signedHeaders {
		if n == name {
			return true
		}
	}
	return false
}

// CheckDate reports whether the request's date is there, agrees with the credential's and is within MaxSkew of now: what can be
// refused before the secret is looked up. The error wraps ErrMalformed or ErrSkew.
func (a Authorization) CheckDate(r Request, now time.Time) error {
	dates := r.header(headerDate)
	if len(dates) != 1 {
		return malformed("x-sdk-date must be there once")
	}
	date, err := time.Parse(dateLayout, dates[0])
	if err != nil || len(dates[0]) != len(dateLayout) {
		return malformed("x-sdk-date is not of the form YYYYMMDDThhmmssZ")
	}
	if a.scope != nil && a.scope.date != dates[0][:len("20060102")] {
		return malformed("the credential's date is not that of x-sdk-date")
	}
	// The date has whole seconds, so the clock is read in whole seconds.
	if off := now.Truncate(time.Second).Sub(date); off > MaxSkew || off < -MaxSkew {
		return ErrSkew
	}
	return nil
}

// Verify reports whether the secret's holder signed the request with this body. Requires: CheckDate answered nil. The error
// wraps ErrMalformed or ErrMismatch.
func (a Authorization) Verify(secret string, r Request, body []byte) error {
	sum := sha256.Sum256(body)
	bodyHash := hex.EncodeToString(sum[:])
	// The hash is always of the bytes that were received. A client that names one must sign it, and it must be right: so
	// UNSIGNED-PAYLOAD is refused too.
	if claimed := r.header(headerContentHash); len(claimed) > 0 {
		if len(claimed) > 1 || !a.signs(strings.ToLower(headerContentHash)) {
			return malformed("x-sdk-content-sha256 must be there once and be signed")
		}
		if !strings.EqualFold(strings.TrimSpace(claimed[0]), bodyHash) {
			return fmt.Errorf("%w: x-sdk-content-sha256 is not the body's", ErrMismatch)
		}
		bodyHash = claimed[0] // clients put the header's value into the canonical request
	}
	matches, err := a.matches(secret, r, r.Host, bodyHash)
	if err != nil {
		return err
	}
	if matches {
		return nil
	}
	// One client signs Host without the port that it sends.
	if host, port, ok := cutPort(r.Host); ok && port != "" && a.signs("host") {
		if matches, err = a.matches(secret, r, host, bodyHash); err == nil && matches {
			return nil
		}
	}
	return ErrMismatch
}

func (a Authorization) matches(secret string, r Request, host, bodyHash string) (bool, error) {
	canonical, err := a.canonicalRequest(r, host, bodyHash)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(canonical)
	toSign := make([]byte, 0, 256)
	toSign = append(toSign, Algorithm+"\n"...)
	toSign = append(toSign, r.header(headerDate)[0]...)
	toSign = append(toSign, '\n')
	key := []byte(secret)
	if s := a.scope; s != nil {
		toSign = append(toSign, s.text...)
		toSign = append(toSign, '\n')
		key = append([]byte("SDK"), secret...)
		for _, step := range []string{s.date, s.region, s.service, terminator} {
			key = mac(key, []byte(step))
		}
	}
	toSign = hex.AppendEncode(toSign, sum[:])
	return hmac.Equal(mac(key, toSign), a.signature[:]), nil
}

func mac(key, data []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(data)
	return m.Sum(nil)
}

func cutPort(host string) (name, port string, ok bool) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.HasSuffix(host, "]") {
		return host, "", false
	}
	return host[:i], host[i+1:], true
}

func malformed(detail string) error { return fmt.Errorf("%w: %s", ErrMalformed, detail) }
