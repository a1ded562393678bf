package memengine

import (
	"context"

	"dms/internal/errs"
	"dms/internal/id"
	"dms/internal/reason"
)

// AddGroup implements engine.Engine.
func (e *Engine) AddGroup(_ context.Context, queueID, groupID string) error {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	if err := checkGroupID(groupID); err != nil {
		return err
	}
	q, err := e.m.queueOf(queueID)
	if err != nil {
		return err
	}
	q.advance(e.now())
	_, err = e.m.groupOf(q, groupID)
	return err
}

// DropQueue implements engine.Engine.
func (e *Engine) DropQueue(_ context.Context, queueID string) error {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	if !id.IsQueue(queueID) {
		return errs.New(errs.Invalid, reason.QueueIDInvalid, "%q is not a queue id", queueID)
	}
	e.m.dropped[queueID] = true
	if q := e.m.queues[queueID]; q != nil {
		delete(e.m.queues, queueID)
		q.wake()
	}
	return nil
}

// DropGroup implements engine.Engine.
func (e *Engine) DropGroup(_ context.Context, queueID, groupID string) error {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	if err := checkGroupID(groupID); err != nil {
		return err
	}
	q, err := e.m.queueOf(queueID)
	if err != nil {
		return unknownIsZero(err)
	}
	e.m.dropped[queueID+groupID] = true
	delete(q.groups, groupID)
	q.wake()
	return nil
}
