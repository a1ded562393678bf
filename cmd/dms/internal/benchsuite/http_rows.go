package benchsuite

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"dms/dataplane"
	"dms/internal/bench"
	"dms/internal/bench/httpload"
)

// connections is how many clients the HTTP rows have: as many as the engine's rows have producers.
const connections = 64

func httpRows() []row {
	return []row{
		{"http token", httpRow("token", httpload.WireDMS, 0.80)},
		{"http signature", httpRow("signature", httpload.WireDMS, 0.70)},
		{"http api", httpRow("token, /api/v1", httpload.WireAPI, 0)},
	}
}

// httpRow compares the service with 1/(1/H + 1/E): H is the bare server, E the engine. Who does first what H does and then what E does, on the same
// cores, comes to no more.
func httpRow(how string, wire httpload.Wire, target float64) func(*Suite, context.Context) ([]Line, error) {
	return func(s *Suite, ctx context.Context) ([]Line, error) {
		engineIn, engineOut, err := s.engineRate(ctx)
		if err != nil {
			return nil, fmt.Errorf("the engine: %w", err)
		}
		var in, out, bareIn, bareOut []float64
		for range s.cfg.Rounds {
			i, o, err := s.overHTTP(ctx, how, wire)
			if err != nil {
				return nil, fmt.Errorf("ours: %w", err)
			}
			in, out = append(in, i), append(out, o)
			if i, o, err = s.bareHTTP(ctx); err != nil {
				return nil, fmt.Errorf("the bare server: %w", err)
			}
			bareIn, bareOut = append(bareIn, i), append(bareOut, o)
		}
		line := func(what string, ours, bare []float64, engine float64) Line {
			h := median(bare)
			return Line{
				Row: "http " + what + " (" + how + ")", Ours: median(ours), Ceiling: 1 / (1/h + 1/engine), Unit: "msgs/s", Target: target,
				Note: fmt.Sprintf("%d connections; ceiling 1/(1/H+1/E), H %s, E %s", connections, number(h), number(engine)),
			}
		}
		return []Line{line("send of 10", in, bareIn, engineIn), line("receive of 10 + ack of 10", out, bareOut, engineOut)}, nil
	}
}

// overHTTP measures a fresh service: sends, then receives and acknowledgements of what lies there.
func (s *Suite) overHTTP(ctx context.Context, how string, wire httpload.Wire) (in, out float64, err error) {
	err = s.withService(ctx, s.spareBytes(fastestService), func(svc *service) (err error) {
		credentials := svc.account
		if how != "signature" {
			if credentials, err = svc.token(ctx); err != nil {
				return err
			}
		}
		t, err := svc.target(wire, credentials)
		if err != nil {
			return err
		}
		if err := t.Create(ctx, string(dataplane.ModeNormal), 2, 1); err != nil {
			return err
		}
		both := t.Queues
		t.Queues = both[:1]
		send, err := s.measure(ctx, t, s.load(connections, 0))
		if err != nil {
			return err
		}
		in = send.SentPerSecond
		t.Queues = both[1:]
		fill, drain := s.load(connections, 0), s.load(0, connections)
		fill.Messages, fill.Duration, fill.WarmUp = int64(max(20_000*s.cfg.Duration.Seconds(), 1000)), 0, 0
		drain.Drain, drain.Duration, drain.WarmUp = true, 0, 0
		if _, err := s.measure(ctx, t, fill); err != nil {
			return err
		}
		received, err := s.measure(ctx, t, drain)
		if err == nil && received.Acked != fill.Messages {
			err = fmt.Errorf("%d messages were sent and %d acknowledged", fill.Messages, received.Acked)
		}
		out = received.AckedPerSecond
		return err
	})
	return in, out, err
}

// bareHTTP measures the bare server.
func (s *Suite) bareHTTP(ctx context.Context) (in, out float64, err error) {
	p, err := start(ctx, nil, "bench", "ceiling")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := p.ready(ctx, "/readyz"); err != nil {
		return 0, 0, err
	}
	u, err := url.Parse(p.url)
	if err != nil {
		return 0, 0, err
	}
	t := &httpload.Target{
		Endpoint: u, Project: "p", Wire: httpload.WireDMS, Clock: s.clk,
		Queues: []httpload.Queue{{ID: "q", Groups: []string{"g"}}}, Credentials: httpload.Credentials{Token: "none"},
	}
	send, err := s.measure(ctx, t, s.load(connections, 0))
	if err != nil {
		return 0, 0, err
	}
	var received bench.Result
	received, err = s.measure(ctx, t, s.load(0, connections))
	return send.SentPerSecond, received.AckedPerSecond, err
}
