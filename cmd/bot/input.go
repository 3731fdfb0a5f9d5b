package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// open opens a file of events, or the standard input. Its size is -1 when it is not known. Where
// reading may wait for ever, it ends with the context.
func open(ctx context.Context, name string, p process) (in io.ReadCloser, called string, size int64, err error) {
	if name == "-" {
		return io.NopCloser(newPatient(ctx, p.stdin)), "stdin", -1, nil
	}
	f, err := os.Open(name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w (bot run --record FILE writes such a file)", err)
		}
		return nil, "", 0, &failure{code: exitInput, err: fmt.Errorf("opening the events: %w", err)}
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", name)
	}
	if err != nil {
		return nil, "", 0, errors.Join(&failure{code: exitInput, err: fmt.Errorf("opening the events: %w", err)}, f.Close())
	}
	if info.Mode().IsRegular() {
		return f, name, info.Size(), nil
	}
	return struct {
		io.Reader
		io.Closer
	}{newPatient(ctx, f), f}, name, -1, nil
}

// patient reads from where nothing may come for a long time, until its context ends. A read that waits
// then is left behind.
type patient struct {
	ctx  context.Context //nolint:containedctx // a reader has no other way to be told
	got  chan chunk
	rest chunk
}

type chunk struct {
	data []byte
	err  error
}

func newPatient(ctx context.Context, in io.Reader) *patient {
	p := &patient{ctx: ctx, got: make(chan chunk)}
	go p.run(in)
	return p
}

// run reads ahead by one piece: the former one is used up when the next is handed over.
func (p *patient) run(in io.Reader) {
	buffers := [2][]byte{make([]byte, 1<<16), make([]byte, 1<<16)}
	for i := 0; ; i++ {
		b := buffers[i%2]
		n, err := in.Read(b)
		select {
		case p.got <- chunk{b[:n], err}:
		case <-p.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (p *patient) Read(b []byte) (int, error) {
	for len(p.rest.data) == 0 {
		if p.rest.err != nil {
			return 0, p.rest.err
		}
		select {
		case p.rest = <-p.got:
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	n := copy(b, p.rest.data)
	p.rest.data = p.rest.data[n:]
	return n, nil
}
