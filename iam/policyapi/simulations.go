package policyapi

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"dms/iam"
	"dms/iam/policyapi/gen"
	"dms/internal/access"
	"dms/internal/errs"
)

// maxSimulated is how many decisions one simulation makes.
const maxSimulated = 100

// SimulatePolicies implements the operation.
func (s *server) SimulatePolicies(ctx context.Context, req gen.SimulatePoliciesRequestObject) (gen.SimulatePoliciesResponseObject, error) {
	ctx, at := at(ctx)
	in, err := simulationOf(at.actor.AccountID, *req.Body)
	if err != nil {
		return nil, err
	}
	if req.Body.Subject.Kind == gen.SimulationRequestSubjectKindUserGroup {
		if _, err := s.group(ctx, at.actor, req.Body.Subject.Id); err != nil {
			return nil, err
		}
	}
	decisions, err := s.Simulator.Simulate(ctx, in)
	if err != nil {
		return nil, err
	}
	out := gen.SimulatePolicies200JSONResponse{Decisions: make([]gen.SimulatedDecision, 0, len(decisions))}
	for _, d := range decisions {
		v := gen.SimulatedDecision{Action: string(d.Action), Resource: string(d.Resource), Effect: gen.SimulatedDecisionEffect(d.Effect), Unmet: make([]gen.UnmetStatement, 0, len(d.Unmet))}
		if d.By != nil {
			ref := viewStatement(*d.By)
			v.Statement = &ref
		}
		for _, u := range d.Unmet {
			v.Unmet = append(v.Unmet, gen.UnmetStatement{Statement: viewStatement(u.StatementRef), Condition: u.Condition})
		}
		out.Decisions = append(out.Decisions, v)
	}
	return out, nil
}

func simulationOf(accountID string, req gen.SimulationRequest) (iam.Simulation, error) {
	in := iam.Simulation{AccountID: accountID, Subject: subjectOf(req)}
	invalid := errs.New(errs.Invalid, "invalid_request", "The request is not valid; see errors.")
	if len(req.Actions)*len(req.Resources) > maxSimulated {
		invalid.WithField("/resources", fmt.Sprintf("actions times resources must be at most %d", maxSimulated))
	}
	for i, a := range req.Actions {
		if _, known := access.InfoOf(access.Action(a)); !known {
			invalid.WithField(fmt.Sprintf("/actions/%d", i), "is not an action")
		}
		in.Actions = append(in.Actions, access.Action(a))
	}
	var tags []access.Tag
	if c := req.Context; c != nil {
		in.At, in.MFA, in.TLS, in.ProjectName = c.Time, is(c.Mfa), is(c.Tls), value(c.ProjectName)
		if c.SourceAddress != nil {
			var err error
			if in.Address, err = netip.ParseAddr(*c.SourceAddress); err != nil {
				invalid.WithField("/context/source_address", "is not an address")
			}
		}
		if c.Tags != nil {
			for _, t := range *c.Tags {
				tags = append(tags, access.Tag{Key: t.Key, Value: t.Value})
			}
		}
	}
	for _, r := range req.Resources {
		o := access.Resource(r).Object()
		o.Tags = slices.Clone(tags)
		in.Objects = append(in.Objects, o)
	}
	if req.Attach != nil {
		for i, d := range *req.Attach {
			p, err := parse(d, fmt.Sprintf("/attach/%d", i))
			if err != nil {
				return iam.Simulation{}, err
			}
			in.Attach = append(in.Attach, p)
		}
	}
	if req.Replace != nil {
		in.Replace = make(map[string]iam.Policy, len(*req.Replace))
		for name, d := range *req.Replace {
			p, err := parse(d, "/replace/"+name)
			if err != nil {
				return iam.Simulation{}, err
			}
			in.Replace[name] = p
		}
	}
	if len(invalid.Fields) > 0 {
		return iam.Simulation{}, invalid
	}
	return in, nil
}

func subjectOf(req gen.SimulationRequest) string {
	switch req.Subject.Kind {
	case gen.SimulationRequestSubjectKindRole:
		return iam.RoleSubject(req.Subject.Id)
	case gen.SimulationRequestSubjectKindUserGroup:
		return iam.GroupSubject(req.Subject.Id)
	}
	return iam.UserSubject(req.Subject.Id)
}

func viewStatement(r access.StatementRef) gen.StatementRef {
	return gen.StatementRef{Layer: gen.StatementRefLayer(r.Layer), Subject: nonEmpty(r.Subject), Policy: r.Policy, Index: r.Index, Sid: nonEmpty(r.Sid)}
}

func is(b *bool) bool { return b != nil && *b }

// ListActions implements the operation.
func (s *server) ListActions(context.Context, gen.ListActionsRequestObject) (gen.ListActionsResponseObject, error) {
	out := gen.ListActions200JSONResponse{Actions: make([]gen.ActionInfo, 0, len(access.Actions))}
	for _, i := range access.Actions {
		out.Actions = append(out.Actions, gen.ActionInfo{Action: string(i.Action), Resource: i.Resource, Level: gen.ActionInfoLevel(i.Level), QueuePolicy: nonEmpty(i.QueuePolicy)})
	}
	return out, nil
}
