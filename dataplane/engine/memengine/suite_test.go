package memengine_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"dms/dataplane"
	"dms/dataplane/engine"
	"dms/dataplane/engine/enginetest"
	"dms/dataplane/engine/memengine"
	"dms/internal/id"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestGuarantees(t *testing.T) {
	enginetest.Run(t, enginetest.Features{}, enginetest.InMemory())
}

func TestOneEngineAMemoryAndTheNextFindsEverything(t *testing.T) {
	ctx := context.Background()
	m := memengine.NewMemory()
	first, err := memengine.Open(m, memengine.Options{})
	require.NoError(t, err)
	_, err = memengine.Open(m, memengine.Options{})
	require.Error(t, err)
	q := engine.Queue{ID: id.NewQueue(), Mode: dataplane.ModeNormal}
	_, err = first.Send(ctx, q, []engine.NewMessage{{Body: []byte("kept")}}, nil)
	require.NoError(t, err)
	require.NoError(t, first.Close())

	second, err := memengine.Open(m, memengine.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, second.Close()) }()
	got, err := second.Receive(ctx, q, id.NewGroup(), engine.Live, engine.ReceiveOptions{MaxMessages: 1, AckWait: time.Second})
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "kept", string(got[0].Body))
}

func TestAPollOnTheClockOfTheMachineEnds(t *testing.T) {
	e := memengine.New(memengine.Options{})
	defer func() { require.NoError(t, e.Close()) }()
	got, err := e.Receive(context.Background(), engine.Queue{ID: id.NewQueue(), Mode: dataplane.ModeNormal}, id.NewGroup(), engine.Live,
		engine.ReceiveOptions{MaxMessages: 1, AckWait: time.Second, Wait: 10 * time.Millisecond})
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestModel(t *testing.T) { enginetest.Model(t, enginetest.InMemory()) }
