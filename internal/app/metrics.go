package app

import (
	"context"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/heartbeat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/webhook"
)

// scrapeTimeout bounds what a scrape waits for the store.
const scrapeTimeout = time.Second

// newRegistry returns a registry with the metrics of the process itself.
func newRegistry(version string, cfg *config.Config) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "groupguard_build_info",
		Help:        "A constant 1, labelled by what is running.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	info.Set(1)
	dry := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "groupguard_dry_run",
		Help: "1 when no provider is called and every action ends as dry_run, else 0.",
	})
	if cfg.DryRun {
		dry.Set(1)
	}
	reg.MustRegister(info, dry, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// newPanics counts the panics that somebody caught. One that nobody catches ends the process.
func newPanics(reg prometheus.Registerer) prometheus.Counter {
	n := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "groupguard_panics_total",
		Help: "Panics that were caught: a webhook was answered with 500, or a call to a provider is tried again.",
	})
	reg.MustRegister(n)
	return n
}

// Labels implements webhook.Labelled.
func (c heartCodec) Labels() (events, reasons []string) {
	if l, ok := c.Codec.(webhook.Labelled); ok {
		events, reasons = l.Labels()
	}
	return append(events, heartbeat.Name), reasons
}

// durations measure what the store is asked on the way of an event and of an action. A claim is not
// among them: it waits for work.
type durations struct{ observe, commit, cameBack, settle prometheus.Observer }

func newDurations(reg prometheus.Registerer) durations {
	// From an fsync on a fast disk to the time after which an event is not waited for any longer.
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "groupguard_store_operation_duration_seconds",
		Help:    "Time that the store took for an operation, successful or not.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .1, .25, .8},
	}, []string{"op"})
	reg.MustRegister(vec)
	return durations{vec.WithLabelValues("observe"), vec.WithLabelValues("commit"), vec.WithLabelValues("came_back"), vec.WithLabelValues("settle")}
}

// since observes the time that has passed.
func since(o prometheus.Observer, start time.Time) { o.Observe(time.Since(start).Seconds()) }

// queueCollector asks the store for the queue's depth at each scrape.
type queueCollector struct {
	store                      store.Store
	entries, age, letter, held *prometheus.Desc
}

func newQueueCollector(s store.Store) *queueCollector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("groupguard_"+name, help, nil, nil)
	}
	return &queueCollector{
		store:   s,
		entries: desc("queue_entries", "Accepted actions that have not ended."),
		age:     desc("queue_oldest_age_seconds", "Age of the oldest accepted action that has not ended; 0 when there is none."),
		letter:  desc("dead_letters", "Actions that were given up and wait for an operator."),
		held:    desc("held_actions", "Actions that a pause or a brake keeps back until an operator decides."),
	}
}

func (c *queueCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.entries
	ch <- c.age
	ch <- c.letter
	ch <- c.held
}

func (c *queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	d, err := c.store.Depth(ctx)
	if err != nil {
		return // the gauges are absent while the store cannot be asked
	}
	age := 0.0
	if !d.Oldest.IsZero() {
		age = max(0, time.Since(d.Oldest).Seconds())
	}
	ch <- prometheus.MustNewConstMetric(c.entries, prometheus.GaugeValue, float64(d.Entries))
	ch <- prometheus.MustNewConstMetric(c.age, prometheus.GaugeValue, age)
	ch <- prometheus.MustNewConstMetric(c.letter, prometheus.GaugeValue, float64(d.Dead))
	ch <- prometheus.MustNewConstMetric(c.held, prometheus.GaugeValue, float64(d.Held))
}
