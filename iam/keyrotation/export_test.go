package keyrotation

import "github.com/robfig/cron/v3"

// SetSchedule makes it tick otherwise.
func (t *Timetable) SetSchedule(s cron.Schedule) { t.schedule = s }
