package redis

import "sync"

// eachPart runs f for every partition, side by side, and returns the first error in no particular
// order of partitions.
func eachPart[T any](parts map[int]T, f func(part int, what T) error) error {
	if len(parts) == 1 {
		for part, what := range parts {
			return f(part, what)
		}
	}
	var wait sync.WaitGroup
	errs := make(chan error, len(parts))
	for part, what := range parts {
		wait.Go(func() {
			if err := f(part, what); err != nil {
				errs <- err
			}
		})
	}
	wait.Wait()
	close(errs)
	return <-errs
}
