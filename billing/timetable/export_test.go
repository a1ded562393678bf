package timetable

import "github.com/robfig/cron/v3"

// Schedule returns when the timetable ticks.
func (t *Timetable) Schedule() cron.Schedule { return t.schedule }

// SetSchedule makes it tick otherwise.
func (t *Timetable) SetSchedule(s cron.Schedule) { t.schedule = s }
