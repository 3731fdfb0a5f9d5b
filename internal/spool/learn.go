package spool

import "context"

// learn takes what became of events that were handed on.
func (p *pass) learn(r *result) {
	d, l := &p.s.drain, r.lane
	l.busy = false
	if len(r.done)+len(r.failed) > 0 && d.shut.has(l.group) {
		d.shut = shut{} // it is back, and others may be
	}
	if n := len(r.done); n > 0 {
		p.works, p.misses = true, 0
		d.run = min(2*d.run, maxRun)
		d.judged += uint64(n)
		p.judged += n
		p.s.pace.earn(n)
		p.s.metrics.judged.Add(float64(n))
		p.s.count(n, 0)
		for _, id := range r.done {
			delete(d.failed, id)
			d.done[id] = struct{}{}
		}
		p.done = append(p.done, r.done...)
		p.s.setAside()
		p.accuse()
	}
	for i := range r.failed {
		p.failed(&r.failed[i])
	}
	switch {
	case r.err != nil:
		p.broken(r.err)
	case r.away:
		p.miss(l)
	case len(l.items) > 0:
		p.ready = append(p.ready, l)
	}
	if p.judged >= maxJudged {
		p.stop = true
	}
}

// miss passes a group over from now on: its store is away. When that is so wherever it is tried, nothing
// more is tried.
func (p *pass) miss(l *lane) {
	p.leave(l)
	p.away = true
	p.s.drain.shut.add(l.group, p.s.cfg.Now())
	p.s.drain.run = 1
	most := maxProbes
	if p.works {
		most = workers
	}
	if p.misses++; p.misses >= most {
		p.stop, p.works = true, false
	}
}

// failed notes a failure. As long as nothing has worked it may well be the store's.
func (p *pass) failed(f *failure) {
	t, known := p.s.drain.failed[f.id]
	switch {
	case known && p.s.cfg.Now().Before(t.due):
		return
	case known || p.works || f.cause != store:
		if err := p.s.failed(context.WithoutCancel(p.ctx), f); err != nil {
			p.broken(err)
		}
		return
	}
	if p.suspects = append(p.suspects, *f); len(p.suspects) >= pageEntries {
		p.accuse() // so that the next pass tries others
		p.stop, p.away = true, true
	}
}

// accuse counts the failures that were put off.
func (p *pass) accuse() {
	all := p.suspects
	p.suspects = nil
	for i := range all {
		if err := p.s.failed(context.WithoutCancel(p.ctx), &all[i]); err != nil {
			p.broken(err)
		}
	}
}

// settled notes that entries were removed, or that the disk does not remove any now.
func (p *pass) settled(err error) {
	d := &p.s.drain
	if err != nil {
		d.unremoved = true
		p.removing = nil
		p.s.setAside()
		p.s.broken(p.ctx, err)
		return
	}
	for _, id := range p.removing {
		delete(d.done, id)
	}
	p.removing = nil
}

func (p *pass) broken(err error) {
	p.stop, p.broke = true, true
	p.s.broken(p.ctx, err)
}
