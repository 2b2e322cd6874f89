// Opens a log's checkpoint over HTTP with Go's package note, and says whose signatures
// it bears.
//
// Usage: open_checkpoint <address of the log> <verifier key> …
//
// Keys of logs (type 01) are that package's own.  It knows no cosignatures of witnesses
// (type 04, c2sp.org/tlog-cosignature), but takes verifiers of any kind, so theirs is
// written here.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const cosignature = 4

type witness struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(text, octets []byte) bool {
	if len(octets) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(octets)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	return ed25519.Verify(w.public, []byte(signed), octets[8:])
}

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func verifier(key string) note.Verifier {
	parts := strings.SplitN(key, "+", 3)
	if len(parts) != 3 {
		check(fmt.Errorf("%d parts", len(parts)), "verifier key")
	}
	octets, err := base64.StdEncoding.DecodeString(parts[2])
	check(err, "verifier key")
	if octets[0] != cosignature {
		known, err := note.NewVerifier(key)
		check(err, "verifier key")
		return known
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	check(err, "verifier key")
	return witness{parts[0], uint32(hash), octets[1:]}
}

func main() {
	response, err := http.Get(os.Args[1] + "/checkpoint")
	check(err, "checkpoint")
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(err, "checkpoint")
	var known []note.Verifier
	for _, key := range os.Args[2:] {
		known = append(known, verifier(key))
	}
	opened, err := note.Open(body, note.VerifierList(known...))
	check(err, "checkpoint")
	for _, line := range opened.Sigs {
		fmt.Printf("%s+%08x\n", line.Name, line.Hash)
	}
	fmt.Printf("%d others\n", len(opened.UnverifiedSigs))
}
