package store

import "github.com/groupguard/groupguard/internal/chat"

// PartitionOf returns the partition, from 0 to n-1, of everything that belongs to a group.
//
// The function is part of the stored format: a store that was filled under another one would look
// for entries where they are not. It hashes each of provider, account and group as its length in
// four bytes, big-endian, and its bytes, by FNV-1a of 64 bits; mixes the sum (see mix) because the
// low bits of FNV-1a alone depend on the low bits of the input only; and takes it modulo n.
func PartitionOf(g chat.Group, n int) int {
	return partition(n, string(g.Provider), string(g.Account), string(g.ID))
}

// PartitionOfKey returns the partition of a window that spans groups. It hashes as PartitionOf does.
func PartitionOfKey(id, key string, n int) int { return partition(n, id, key) }

func partition(n int, parts ...string) int {
	if n <= 1 {
		return 0
	}
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, p := range parts {
		l := uint32(len(p)) //nolint:gosec // IDs come from bodies of at most 1 MiB
		for shift := 24; shift >= 0; shift -= 8 {
			h = (h ^ uint64(byte(l>>shift))) * prime //nolint:gosec // one byte at a time is meant
		}
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * prime
		}
	}
	return int(mix(h) % uint64(n)) //nolint:gosec // below n
}

// mix is one round of multiply and xor-shift.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}
