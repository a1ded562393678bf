package benchsuite

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"dms/dataplane/nodestore"
	"dms/iam"
	"dms/iam/casbinauthz"
	"dms/iam/httpauth"
	"dms/iam/token"
	"dms/internal/access"
	"dms/internal/bench/httpload"
	"dms/internal/directory"
	"dms/internal/seal"
)

func iamRows() []row { return []row{{"iam", (*Suite).iam}} }

const (
	iamRegion  = "local-1"
	iamProject = "p1"
	iamKey     = "AK000000000000000001"
	iamSecret  = "the secret of the access key"
	// sendOfTen begins the line of the request that the rows of iam are a part of.
	sendOfTen = "http send of 10 (token)"
)

// statementCounts are the sizes of the accounts that decide: all statements are one user's, which is more than an account allows, and the worst case.
var statementCounts = []int{10, 100, 1000}

// iam measures what access adds to a request, on a node's own copy of the directory: one call after the other, on one core.
func (s *Suite) iam(ctx context.Context) (_ []Line, err error) {
	request, err := s.requestMicros(ctx)
	if err != nil {
		return nil, err
	}
	dir, done, err := s.folder()
	if err != nil {
		return nil, err
	}
	defer done()
	o := nodestore.DefaultOptions(filepath.Join(dir, "node"))
	o.Log = slog.New(slog.DiscardHandler)
	store, err := nodestore.Open(o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	box, err := seal.Derive([]byte("the secret of the benchmark"), iamRegion)
	if err != nil {
		return nil, err
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	changes := directory.Changes{Position: directory.Position{Directory: "bench", Revision: 1}, Reset: true, Entries: iamFacts(box, public)}
	if _, err := store.Apply(changes, s.clk.Now()); err != nil {
		return nil, err
	}

	var lines []Line
	add := func(what string, call func(i int) error) error {
		micros, err := s.microsPerCall(ctx, call)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		lines = append(lines, Line{
			Row: "iam " + what, Ours: micros, Unit: "us",
			Note: fmt.Sprintf("%.2f%% of a send of 10 by token, which takes %s us of core time, the client's included", 100*micros/request, number(request)),
		})
		return nil
	}
	return lines, errors.Join(s.decisions(ctx, store, add), s.authentications(ctx, store, box, private, add))
}

// requestMicros is the core time that a send of ten messages by token takes from end to end.
func (s *Suite) requestMicros(ctx context.Context) (float64, error) {
	rate := 0.0
	for _, l := range s.lines {
		if l.Row == sendOfTen {
			rate = l.Ours
		}
	}
	if rate == 0 {
		var err error
		if rate, _, err = s.overHTTP(ctx, "token", httpload.WireDMS); err != nil {
			return 0, fmt.Errorf("a request: %w", err)
		}
	}
	return float64(runtime.NumCPU()) * 1e6 / (rate / 10), nil
}

// microsPerCall calls for the duration of a measurement, in rounds, and returns the median.
func (s *Suite) microsPerCall(ctx context.Context, call func(i int) error) (float64, error) {
	const batch = 32 // calls between two looks at the clock
	var rounds []float64
	n := 0
	for range s.cfg.Rounds {
		begin, calls := s.clk.Now(), 0
		for s.clk.Now().Sub(begin) < s.cfg.Duration/4 {
			for range batch {
				if err := call(n); err != nil {
					return 0, err
				}
				n++
			}
			calls += batch
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		rounds = append(rounds, float64(s.clk.Now().Sub(begin).Nanoseconds())/1e3/float64(calls))
	}
	return median(rounds), nil
}

func (s *Suite) decisions(ctx context.Context, store *nodestore.Store, add func(string, func(int) error) error) error {
	authorizer, err := casbinauthz.New(store, s.clk)
	if err != nil {
		return err
	}
	ask := func(statements int, queue string) error {
		account := iamAccount(statements)
		a := access.Actor{AccountID: account, UserID: "user of " + account, ProjectID: iamProject, Via: access.ViaToken}
		return authorizer.Authorize(ctx, a, access.MessageSend, access.QueueResource(iamRegion, account, queue).Object())
	}
	err = add("decision, remembered", func(int) error { return ask(10, "orders") })
	for _, n := range statementCounts {
		err = errors.Join(err, add(fmt.Sprintf("decision, new, %d statements", n), func(i int) error { return ask(n, "orders-"+strconv.Itoa(i)) }))
	}
	return err
}

func (s *Suite) authentications(ctx context.Context, store *nodestore.Store, box *seal.Key, private ed25519.PrivateKey, add func(string, func(int) error) error) error {
	now := s.clk.Now()
	claims := iam.Claims{
		Kind: iam.TokenKeystone, ID: "t1", AccountID: iamAccount(10), UserID: "user of " + iamAccount(10), ProjectID: iamProject,
		IssuedAt: now.Truncate(time.Second), ExpiresAt: now.Truncate(time.Second).Add(iam.KeystoneTokenLife),
	}
	raw, err := token.Codec{}.Sign(claims, "k1", private)
	if err != nil {
		return err
	}
	public := private.Public().(ed25519.PublicKey)
	err = add("token, seen first", func(int) error {
		_, err := token.Codec{}.Parse(raw, iam.TokenKeystone, now, func(string) (ed25519.PublicKey, error) { return public, nil })
		return err
	})
	authenticator := httpauth.New(store, box, token.Codec{}, s.clk)
	body := bytes.Repeat([]byte("x"), 10<<10)
	authenticate := func(c httpload.Credentials) (func(int) error, error) {
		const path = "/v2/" + iamProject + "/queues/q/messages"
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1"+path, nil)
		if err != nil {
			return nil, err
		}
		r.Header = c.Header(s.clk, http.MethodPost, path, "", body)
		return func(int) error {
			_, err := authenticator.Authenticate(ctx, r, iamProject, func() ([]byte, error) { return body, nil })
			return err
		}, nil
	}
	byToken, errToken := authenticate(httpload.Credentials{Token: raw})
	bySignature, errSignature := authenticate(httpload.Credentials{AccessKey: iamKey, SecretKey: iamSecret})
	if err := errors.Join(err, errToken, errSignature); err != nil {
		return err
	}
	return errors.Join(add("token, remembered", byToken), add("signature over 10 KiB", bySignature))
}

func iamAccount(statements int) string { return "account of " + strconv.Itoa(statements) }

// iamFacts are what the directory holds: an account for each size, each with a user who may send by its last statement; the first also has the project,
// the access key and the token.
func iamFacts(box *seal.Key, public ed25519.PublicKey) []directory.Entry {
	var out []directory.Entry
	put := func(kind directory.Kind, key string, fact any) {
		value, err := json.Marshal(fact)
		if err != nil {
			panic(err) // plain structs
		}
		out = append(out, directory.Entry{Kind: kind, Key: key, Revision: 1, Value: value})
	}
	for _, n := range statementCounts {
		account := iamAccount(n)
		user := "user of " + account
		put(directory.KindAccount, account, iam.AccountFact{ID: account, Name: account, PolicyVersion: 1})
		put(directory.KindUser, user, iam.UserFact{ID: user, AccountID: account, Name: user, Enabled: true})
		const perPolicy = 10
		for p := range n / perPolicy {
			statements := make([]string, perPolicy)
			for i := range statements {
				statements[i] = fmt.Sprintf(`{"Effect":"Allow","Action":["dms:queue:get","dms:message:receive"],"Resource":["dms:*:*:queue:q%d"]}`, p*perPolicy+i)
			}
			if p == n/perPolicy-1 {
				statements[perPolicy-1] = `{"Effect":"Allow","Action":["dms:message:*"],"Resource":["dms:*:*:queue:*"]}`
			}
			name := fmt.Sprintf("p%d", p)
			document := json.RawMessage(`{"Version":"1.1","Statement":[` + strings.Join(statements, ",") + `]}`)
			put(directory.KindPolicyDocument, iam.PolicyDocumentKey(account, name), iam.PolicyDocumentFact{AccountID: account, Name: name, Version: 1, Document: document})
			put(directory.KindPolicy, iam.PolicyKey(account, iam.UserSubject(user), name), iam.PolicyFact{AccountID: account, Subject: iam.UserSubject(user), Name: name})
		}
	}
	account := iamAccount(statementCounts[0])
	put(directory.KindProject, iamProject, iam.ProjectFact{ID: iamProject, AccountID: account, Name: iamRegion, Region: iamRegion})
	put(directory.KindAccessKey, iamKey, iam.AccessKeyFact{AccessKey: iamKey, AccountID: account, UserID: "user of " + account, SealedSecret: box.Seal([]byte(iamSecret), iamKey), Enabled: true})
	put(directory.KindSigningKey, "k1", iam.SigningKeyFact{KeyID: "k1", PublicKey: public})
	return out
}
