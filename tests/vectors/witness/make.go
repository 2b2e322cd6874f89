// Command make writes cosignatures.json: known answers for cosignatures of witnesses.
//
//	go run make.go > cosignatures.json
//
// It shares no code with firtree, nor its language or its cryptographic library: the
// steps are those of c2sp.org/signed-note and c2sp.org/tlog-cosignature, with the
// standard library of Go alone. All inputs are fixed, so it writes the same octets.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

const (
	logKey     = 0x01
	witnessKey = 0x04
)

type key struct {
	name    string
	private ed25519.PrivateKey
	kind    byte
}

func newKey(name, secret string, kind byte) key {
	seed := sha256.Sum256([]byte(secret))
	return key{name, ed25519.NewKeyFromSeed(seed[:]), kind}
}

func (k key) material() []byte {
	return append([]byte{k.kind}, k.private.Public().(ed25519.PublicKey)...)
}

func (k key) id() []byte {
	digest := sha256.Sum256(append([]byte(k.name+"\n"), k.material()...))
	return digest[:4]
}

func (k key) vkey() string {
	encoded := base64.StdEncoding.EncodeToString(k.material())
	return fmt.Sprintf("%s+%s+%s", k.name, hex.EncodeToString(k.id()), encoded)
}

func (k key) line(signature []byte) string {
	octets := append(append([]byte{}, k.id()...), signature...)
	return fmt.Sprintf("— %s %s\n", k.name, base64.StdEncoding.EncodeToString(octets))
}

func (k key) sign(text string) string {
	return k.line(ed25519.Sign(k.private, []byte(text)))
}

func (k key) cosign(text string, seconds uint64) string {
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, text)
	stamped := binary.BigEndian.AppendUint64(nil, seconds)
	return k.line(append(stamped, ed25519.Sign(k.private, []byte(message))...))
}

type witness struct {
	Name string `json:"name"`
	Seed string `json:"seed"`
	Vkey string `json:"vkey"`
}

type cosigned struct {
	Witness int    `json:"witness"`
	Seconds uint64 `json:"seconds"`
}

type note struct {
	Text      string     `json:"text"`
	Cosigners []cosigned `json:"cosigners"`
	Note      string     `json:"note"`
}

type vectors struct {
	LogVkeys  []string  `json:"log_vkeys"`
	Witnesses []witness `json:"witnesses"`
	Notes     []note    `json:"notes"`
}

func main() {
	origin := "log.example/firtree-4c1f0a"
	logKeys := []key{newKey(origin, "log 1", logKey), newKey(origin, "log 2", logKey)}
	keys := []key{
		newKey("witness.example/w1", "witness 1", witnessKey),
		newKey("witness.example/w2", "witness 2", witnessKey),
		newKey("zeuge.example/prüfer", "witness 3", witnessKey),
	}
	found := vectors{}
	for _, each := range logKeys {
		found.LogVkeys = append(found.LogVkeys, each.vkey())
	}
	for _, each := range keys {
		seed := hex.EncodeToString(each.private.Seed())
		found.Witnesses = append(found.Witnesses, witness{each.name, seed, each.vkey()})
	}
	root := sha256.Sum256([]byte("a root"))
	encoded := base64.StdEncoding.EncodeToString(root[:])
	plain := fmt.Sprintf("%s\n20852163\n%s\n", origin, encoded)
	extended := plain + "an extension line\n"
	for _, each := range []note{
		{Text: plain, Cosigners: []cosigned{{0, 1679315147}}},
		{Text: plain, Cosigners: []cosigned{{0, 1}, {1, 1796000000}, {2, 1<<63 - 1}}},
		{Text: extended, Cosigners: []cosigned{{1, 1796000000}, {1, 1796003600}}},
	} {
		each.Note = each.Text + "\n"
		for _, log := range logKeys {
			each.Note += log.sign(each.Text)
		}
		for _, cosigner := range each.Cosigners {
			each.Note += keys[cosigner.Witness].cosign(each.Text, cosigner.Seconds)
		}
		found.Notes = append(found.Notes, each)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", " ")
	out.SetEscapeHTML(false)
	if err := out.Encode(found); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
