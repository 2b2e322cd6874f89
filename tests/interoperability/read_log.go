// Reads a log over HTTP with the packages of Go's checksum database and verifies it:
// the checkpoint's signature, every tile, every leaf, and the log's growth.
//
// Usage: read_log <address of the log> <verifier key> <earlier size> …
//
// Its packages know another form of paths (the height of tiles stands in them) and of
// checkpoints (without the log's name), so both are adapted here; all hashing and all
// verification is theirs.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type log struct{ address string }

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func (l log) get(path string) []byte {
	response, err := http.Get(l.address + "/" + path)
	check(err, path)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(err, path)
	if response.StatusCode != http.StatusOK {
		check(fmt.Errorf("status %d", response.StatusCode), path)
	}
	return body
}

func (l log) Height() int { return height }

func (l log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		found = append(found, l.get(path))
	}
	return found, nil
}

func (l log) SaveTiles([]tlog.Tile, [][]byte) {}

func (l log) checkpoint(key string) tlog.Tree {
	verifier, err := note.NewVerifier(key)
	check(err, "verifier key")
	opened, err := note.Open(l.get("checkpoint"), note.VerifierList(verifier))
	check(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		check(fmt.Errorf("it is of %q", lines[0]), "checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "size")
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func hash(text string) tlog.Hash {
	octets, err := base64.StdEncoding.DecodeString(text)
	check(err, "hash")
	var found tlog.Hash
	if copy(found[:], octets) != tlog.HashSize || len(octets) != tlog.HashSize {
		check(fmt.Errorf("%d octets", len(octets)), "hash")
	}
	return found
}

func hashes(texts []string) []tlog.Hash {
	var found []tlog.Hash
	for _, text := range texts {
		found = append(found, hash(text))
	}
	return found
}

func (l log) leaves(size int64) [][]byte {
	var found [][]byte
	for number := int64(0); number*256 < size; number++ {
		width := 256
		if rest := size - number*256; rest < 256 {
			width = int(rest)
		}
		tile := tlog.Tile{H: height, L: 0, N: number, W: width}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle := l.get(path)
		for len(bundle) > 0 {
			end := 2 + int(bundle[0])<<8 + int(bundle[1])
			found = append(found, bundle[2:end])
			bundle = bundle[end:]
		}
	}
	return found
}

type proof struct {
	Root   string
	Hashes []string
	From   string `json:"from_root"`
	To     string `json:"to_root"`
}

func (l log) proof(path string) proof {
	var found proof
	check(json.Unmarshal(l.get(path), &found), path)
	return found
}

func main() {
	l := log{os.Args[1]}
	tree := l.checkpoint(os.Args[2])
	// Verifies each tile against the checkpoint's root as it is read.
	reader := tlog.TileHashReader(tree, l)
	leaves := l.leaves(tree.N)
	if int64(len(leaves)) != tree.N {
		check(fmt.Errorf("%d of %d", len(leaves), tree.N), "leaves")
	}
	for index, leaf := range leaves {
		n, own := int64(index), tlog.RecordHash(leaf)
		made, err := tlog.ProveRecord(tree.N, n, reader)
		check(err, "making a proof")
		check(tlog.CheckRecord(made, tree.N, tree.Hash, n, own), "proof from tiles")
		if index%37 == 0 || n == tree.N-1 {
			path := fmt.Sprintf("proof/inclusion?index=%d&size=%d", n, tree.N)
			given := tlog.RecordProof(hashes(l.proof(path).Hashes))
			check(tlog.CheckRecord(given, tree.N, tree.Hash, n, own), path)
		}
	}
	for _, text := range os.Args[3:] {
		size, err := strconv.ParseInt(text, 10, 64)
		check(err, "earlier size")
		root, err := tlog.TreeHash(size, reader)
		check(err, "earlier root")
		made, err := tlog.ProveTree(tree.N, size, reader)
		check(err, "making a proof")
		check(tlog.CheckTree(made, tree.N, tree.Hash, size, root), "proof from tiles")
		path := fmt.Sprintf("proof/consistency?from=%d&to=%d", size, tree.N)
		answer := l.proof(path)
		given := tlog.TreeProof(hashes(answer.Hashes))
		check(tlog.CheckTree(given, tree.N, tree.Hash, size, root), path)
		if hash(answer.From) != root || hash(answer.To) != tree.Hash {
			check(fmt.Errorf("other roots"), path)
		}
	}
	fmt.Printf("%d leaves and %d earlier sizes verified\n", tree.N, len(os.Args)-3)
}
