package casbinauthz_test

import (
	"fmt"
	"testing"

	"dms/internal/access"
)

func BenchmarkAuthorize(b *testing.B) {
	f := newFacts()
	f.account("a1", 1)
	f.policy("a1", "u1", "p", allow("dms:*", "*"), deny("dms:queue:delete", "*"))
	a := newAuthorizer(b, f)
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		r := access.QueueResource("r1", "a1", "q")
		for b.Loop() {
			if err := a.Authorize(ctx, actor("a1", "u1"), access.MessageSend, r.Object()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decided", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			i++
			if err := a.Authorize(ctx, actor("a1", "u1"), access.MessageSend, access.QueueResource("r1", "a1", fmt.Sprint(i)).Object()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
