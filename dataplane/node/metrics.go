package node

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"dms/dataplane/engine"
	"dms/internal/access"
	"dms/internal/errs"
)

// metrics are the node's figures. Labels have few values: actions, codes and kinds, never names or ids of tenants.
type metrics struct {
	requests   *prometheus.CounterVec
	throttled  prometheus.Counter
	sent       prometheus.Counter
	deliveries *prometheus.CounterVec
	releases   *prometheus.CounterVec
	outcomes   *prometheus.CounterVec
	prepared   prometheus.Counter
	extended   *prometheus.CounterVec
	purged     *prometheus.CounterVec
}

func newMetrics(n *Node, r prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	gauge := func(name, help string, f func() float64) prometheus.GaugeFunc {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f)
	}
	m := &metrics{
		requests:   vec("dms_requests_total", "Operations on messages, and counted reads, by action and code; ok when they succeeded.", "action", "code"),
		throttled:  counter("dms_throttled_requests_total", "Requests refused by the request limit of a queue."),
		sent:       counter("dms_messages_sent_total", "Messages stored."),
		deliveries: vec("dms_messages_delivered_total", "Messages given to consumers; kind is live or dead.", "kind"),
		releases:   vec("dms_messages_released_total", "Messages whose reply did not reach the client and that were made visible again.", "kind"),
		outcomes:   vec("dms_messages_settled_total", "Deliveries settled; outcome is success or fail.", "kind", "outcome"),
		prepared:   counter("dms_messages_prepared_total", "Messages stored that wait, or waited, for a commit or rollback."),
		extended:   vec("dms_deliveries_extended_total", "Deliveries whose ack wait was extended.", "kind"),
		purged:     vec("dms_messages_purged_total", "Messages erased by a purge.", "kind"),
	}
	if r == nil {
		return m, nil
	}
	var all []error
	for _, c := range []prometheus.Collector{
		m.requests, m.throttled, m.sent, m.deliveries, m.releases, m.outcomes, m.prepared, m.extended, m.purged,
		gauge("dms_open_polls", "Receives that wait for a message.", func() float64 { return float64(n.polls.count()) }),
		gauge("dms_directory_revision", "Revision of the directory that this node answers from.", func() float64 {
			rev, _ := n.store.Revision(context.Background()) // in memory: it neither waits nor fails
			return float64(rev)
		}),
		gauge("dms_directory_age_seconds", "Time since the control plane last answered; -1 when it never has.", func() float64 {
			if n.store.Contact().IsZero() {
				return -1
			}
			return n.directoryAge().Seconds()
		}),
		gauge("dms_usage_outbox_batches", "Usage batches that the control plane has not taken yet.", func() float64 {
			return float64(n.store.OutboxSize())
		}),
	} {
		all = append(all, r.Register(c))
	}
	return m, errors.Join(all...)
}

func (m *metrics) request(action access.Action, err error) {
	code := "ok"
	if err != nil {
		code = string(errs.CodeOf(err))
	}
	m.requests.WithLabelValues(string(action), code).Inc()
}

func (m *metrics) delivered(kind engine.Kind, messages int) {
	m.deliveries.WithLabelValues(kindLabel(kind)).Add(float64(messages))
}

func (m *metrics) released(kind engine.Kind, messages int) {
	m.releases.WithLabelValues(kindLabel(kind)).Add(float64(messages))
}

func (m *metrics) settled(kind engine.Kind, accepted []engine.Settlement) {
	failed := 0
	for _, s := range accepted {
		if s.Failed {
			failed++
		}
	}
	m.outcomes.WithLabelValues(kindLabel(kind), "success").Add(float64(len(accepted) - failed))
	m.outcomes.WithLabelValues(kindLabel(kind), "fail").Add(float64(failed))
}

func kindLabel(kind engine.Kind) string {
	if kind == engine.Dead {
		return "dead"
	}
	return "live"
}
