package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/webhook"
)

// How events are recorded.
const (
	recordRoom   = 8192            // events that may wait to be written; more are dropped
	recordFlush  = time.Second     // how long one may wait
	recordNag    = time.Minute     // between two complaints about the file
	recordStop   = 5 * time.Second // what the last write may take
	recordBuffer = 1 << 16
	recordBytes  = 64 << 20 // of the events that wait, about; more are dropped
)

// recorder appends handled events to a file, as recorded events. It never holds up who hands them in:
// what the file cannot take in time is dropped and counted.
type recorder struct {
	log              *slog.Logger
	waiting          chan chat.Event
	held             atomic.Int64 // bytes of the events that wait, about
	written, dropped prometheus.Counter

	mu     sync.RWMutex // guards closed: nothing may be sent after that
	closed bool
	ended  chan struct{}

	// The rest belongs to the writing goroutine.
	file     io.WriteCloser
	out      *bufio.Writer
	pending  int  // events in out
	torn     bool // the file may end within a line
	nagAfter time.Time
}

// openRecorder opens or makes the file and starts to write what is handed in.
func openRecorder(name string, reg prometheus.Registerer, log *slog.Logger) (*recorder, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the file to record events (BOT_RECORD): %w", err)
	}
	r := newRecorder(f, recordRoom, reg, log)
	r.torn = !endsLine(f)
	go r.run()
	return r, nil
}

func newRecorder(f io.WriteCloser, room int, reg prometheus.Registerer, log *slog.Logger) *recorder {
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "groupguard_recorded_events_total",
		Help: "Handled events that were appended to the file of BOT_RECORD, or dropped because it could not take them.",
	}, []string{"outcome"})
	reg.MustRegister(events)
	return &recorder{
		log: log, waiting: make(chan chat.Event, room), ended: make(chan struct{}), file: f, out: bufio.NewWriterSize(f, recordBuffer),
		written: events.WithLabelValues("written"), dropped: events.WithLabelValues("dropped"),
	}
}

// endsLine tells whether a file is empty or ends with a line: a process that was killed may have left
// half an event behind.
func endsLine(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return true
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], info.Size()-1)
	return err == nil && last[0] == '\n'
}

// add hands in events that were handled.
func (r *recorder) add(events []chat.Event) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for i := range events {
		if r.closed || !r.take(&events[i]) {
			r.dropped.Inc()
		}
	}
}

// take lets an event wait, when there is room.
func (r *recorder) take(e *chat.Event) bool {
	size := weight(e)
	if r.held.Add(size) > recordBytes {
		r.held.Add(-size)
		return false
	}
	select {
	case r.waiting <- *e:
		return true
	default:
		r.held.Add(-size)
		return false
	}
}

// weight is about how much memory an event holds.
func weight(e *chat.Event) int64 { return int64(len(e.Text) + len(e.Name) + 512) }

// close writes what waits and lets the file go.
func (r *recorder) close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	close(r.waiting)
	r.mu.Unlock()
	select {
	case <-r.ended:
		return nil
	case <-time.After(recordStop):
		return errors.New("the file of recorded events takes too long: the last ones may be missing")
	}
}

// run writes until the recorder is closed.
func (r *recorder) run() {
	defer close(r.ended)
	tick := time.NewTicker(recordFlush)
	defer tick.Stop()
	for {
		select {
		case e, more := <-r.waiting:
			if !more {
				r.flush()
				if err := r.file.Close(); err != nil {
					r.nag(err)
				}
				return
			}
			r.write(&e)
			r.held.Add(-weight(&e))
		case <-tick.C:
			r.flush()
		}
	}
}

func (r *recorder) write(e *chat.Event) {
	line, err := json.Marshal(e)
	if err != nil {
		r.dropped.Inc()
		r.nag(err)
		return
	}
	if r.out.Available() < len(line)+2 {
		r.flush()
	}
	if r.torn {
		line = append([]byte{'\n'}, line...)
	}
	r.torn = false
	r.pending++
	_, _ = r.out.Write(append(line, '\n')) // the flush tells
}

// flush hands what was written to the file. What a file refuses is lost, and the next try begins a new
// line.
func (r *recorder) flush() {
	err := r.out.Flush()
	if err == nil {
		r.written.Add(float64(r.pending))
	} else {
		r.dropped.Add(float64(r.pending))
		r.torn = true
		r.out.Reset(r.file)
		r.nag(err)
	}
	r.pending = 0
}

// nag complains about the file, not more often than once a minute.
func (r *recorder) nag(err error) {
	if now := time.Now(); now.After(r.nagAfter) {
		r.nagAfter = now.Add(recordNag)
		r.log.Error("events are not recorded", "err", err)
	}
}

// recording hands events on, and records those that were handled.
type recording struct {
	webhook.Handler
	recorder *recorder
}

// Handle implements webhook.Handler. An event that could not be handled comes again.
func (r recording) Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	verdicts, err := r.Handler.Handle(ctx, events)
	if err == nil {
		r.recorder.add(events)
	}
	return verdicts, err
}
