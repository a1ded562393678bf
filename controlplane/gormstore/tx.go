package gormstore

import (
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"dms/controlplane"
	"dms/dataplane"
	"dms/internal/audit"
	auditstore "dms/internal/audit/gormstore"
	"dms/internal/dbx"
	"dms/internal/directory"
	directorystore "dms/internal/directory/gormstore"
)

// tx is a controlplane.Tx.
type tx struct{ db *gorm.DB }

var _ controlplane.Tx = (*tx)(nil)

// LockProject implements controlplane.Tx. The update that changes nothing takes the row's lock, also when the row was there.
func (t *tx) LockProject(projectID string) (dataplane.Quota, error) {
	var row projectRow
	err := t.db.Raw(`INSERT INTO cp_projects (project_id) VALUES (?)
		ON CONFLICT (project_id) DO UPDATE SET project_id = excluded.project_id
		RETURNING project_id, queues, groups_per_queue`, projectID).Scan(&row).Error
	if err != nil {
		return dataplane.Quota{}, fmt.Errorf("lock project: %w", err)
	}
	return row.quota(), nil
}

// Quota implements controlplane.Tx.
func (t *tx) Quota(projectID string) (dataplane.Quota, error) { return readQuota(t.db, projectID) }

// SetQuota implements controlplane.Tx.
func (t *tx) SetQuota(projectID string, q dataplane.Quota) error {
	row := projectRow{ProjectID: projectID, Queues: &q.Queues, GroupsPerQueue: &q.GroupsPerQueue}
	if err := t.db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("set quota: %w", err)
	}
	return nil
}

// CountQueues implements controlplane.Tx.
func (t *tx) CountQueues(accountID, projectID string) (int, error) {
	var n int64
	err := scoped(t.db.Model(&queueRow{}), accountID).Where("project_id = ?", projectID).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count queues: %w", err)
	}
	return int(n), nil
}

// QueueNameExists implements controlplane.Tx.
func (t *tx) QueueNameExists(accountID, projectID, name string) (bool, error) {
	var n int64
	err := scoped(t.db.Model(&queueRow{}), accountID).Where("project_id = ? AND name = ?", projectID, name).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("look up queue name: %w", err)
	}
	return n > 0, nil
}

// InsertQueue implements controlplane.Tx.
func (t *tx) InsertQueue(q controlplane.Queue) error {
	row := toQueueRow(q)
	err := t.db.Create(&row).Error
	switch {
	case dbx.IsDuplicate(err):
		return controlplane.QueueNameTaken(q.Name)
	case err != nil:
		return fmt.Errorf("insert queue: %w", err)
	}
	return nil
}

// LockQueue implements controlplane.Tx. SQLite knows no row locks: its transaction holds the whole database.
func (t *tx) LockQueue(accountID, projectID, queueID string) (controlplane.Queue, error) {
	q, err := readQueue(scoped(t.db.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}), accountID), projectID, queueID)
	if err != nil {
		return controlplane.Queue{}, err
	}
	return withTags(t.db, q)
}

// DeleteQueue implements controlplane.Tx. Groups, tags and the policy go with it by their foreign keys.
func (t *tx) DeleteQueue(accountID, queueID string) error {
	if err := scoped(t.db, accountID).Where("id = ?", queueID).Delete(&queueRow{}).Error; err != nil {
		return fmt.Errorf("delete queue: %w", err)
	}
	return nil
}

// Groups implements controlplane.Tx.
func (t *tx) Groups(accountID, queueID string) ([]dataplane.Group, error) {
	var rows []groupRow
	err := scoped(t.db, accountID).Where("queue_id = ?", queueID).Order("created_at, id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read consumer groups: %w", err)
	}
	groups := make([]dataplane.Group, len(rows))
	for i, r := range rows {
		groups[i] = r.group()
	}
	return groups, nil
}

// InsertGroups implements controlplane.Tx.
func (t *tx) InsertGroups(groups []dataplane.Group) error {
	for _, g := range groups { // one at a time, to name the one that is taken
		row := toGroupRow(g)
		err := t.db.Create(&row).Error
		switch {
		case dbx.IsDuplicate(err):
			return controlplane.GroupNameTaken(g.Name)
		case err != nil:
			return fmt.Errorf("insert consumer group: %w", err)
		}
	}
	return nil
}

// DeleteGroup implements controlplane.Tx.
func (t *tx) DeleteGroup(accountID, queueID, groupID string) error {
	if err := scoped(t.db, accountID).Where("queue_id = ? AND id = ?", queueID, groupID).Delete(&groupRow{}).Error; err != nil {
		return fmt.Errorf("delete consumer group: %w", err)
	}
	return nil
}

// SetTags implements controlplane.Tx.
func (t *tx) SetTags(accountID, queueID string, tags []dataplane.Tag) error {
	if err := scoped(t.db, accountID).Where("queue_id = ?", queueID).Delete(&tagRow{}).Error; err != nil {
		return fmt.Errorf("clear tags: %w", err)
	}
	if len(tags) == 0 {
		return nil
	}
	rows := make([]tagRow, len(tags))
	for i, tag := range tags {
		rows[i] = tagRow{QueueID: queueID, TagKey: tag.Key, TagValue: tag.Value, AccountID: accountID}
	}
	if err := t.db.Create(&rows).Error; err != nil {
		return fmt.Errorf("write tags: %w", err)
	}
	return nil
}

// InsertActivation implements controlplane.Tx.
func (t *tx) InsertActivation(a dataplane.Activation) (bool, error) {
	row := activationRow{AccountID: a.AccountID, State: string(a.State), ActivatedAt: a.ActivatedAt}
	res := t.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if res.Error != nil {
		return false, fmt.Errorf("activate: %w", res.Error)
	}
	return res.RowsAffected > 0, nil
}

// PutRegion implements controlplane.Tx.
func (t *tx) PutRegion(r controlplane.Region) error {
	row := regionRow(r)
	if err := t.db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("write region: %w", err)
	}
	return nil
}

// Audit implements controlplane.Tx.
func (t *tx) Audit(at time.Time, events ...audit.Event) error {
	return auditstore.Append(t.db, at, events...)
}

// Publish implements controlplane.Tx.
func (t *tx) Publish(entries ...directory.Entry) (directory.Revision, error) {
	return directorystore.Append(t.db, entries...)
}
