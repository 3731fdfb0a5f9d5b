package app

import (
	"crypto/sha256"
	"errors"
	"io"
	"os"
)

// versions remembers, by name, what files held when they were read. A file that could not be read
// has a version too. Comparing what was read, and not what stands there afterwards, finds a change
// that is made while the file is being loaded.
type versions map[string][sha256.Size]byte

// read reads a file up to one byte over the limit, so that the reader sees that it is too large,
// and remembers what it held.
func (v versions) read(name string, limit int64) ([]byte, error) {
	data, err := readFile(name, limit)
	v[name] = versionOf(data, err)
	return data, err
}

// changed tells whether any of the files holds something else by now.
func (v versions) changed() bool {
	for name, was := range v {
		if versionOf(readFile(name, maxListFile)) != was {
			return true
		}
	}
	return false
}

func versionOf(data []byte, err error) [sha256.Size]byte {
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(data)
}

func readFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// cause drops the path that the error repeats.
func cause(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
