package httpapi

import (
	"context"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"dms/billing"
	"dms/billing/httpapi/gen"
	"dms/internal/httpserve"
)

// server implements the generated interface. The generated code passes gin's context as the context of the request.
type server struct{ reports *billing.ReportService }

var _ gen.StrictServerInterface = (*server)(nil)

// GetPrices implements the operation.
func (s *server) GetPrices(context.Context, gen.GetPricesRequestObject) (gen.GetPricesResponseObject, error) {
	v, err := s.reports.PresentPrices()
	if err != nil {
		return nil, err
	}
	price := func(p billing.Price, u billing.Unit) gen.Price {
		return gen.Price{Amount: billing.NewMoney(p.Amount, v.Currency).String(), Per: p.Per.String(), Unit: string(u)}
	}
	return gen.GetPrices200JSONResponse{
		Currency:     string(v.Currency),
		Queue:        price(v.Queue, v.Granularity.Unit()),
		ApiCall:      price(v.APICall, billing.UnitCall),
		FreeApiCalls: decimal.New(v.FreeAPICalls, 0).String(),
	}, nil
}

// GetBill implements the operation.
func (s *server) GetBill(ctx context.Context, req gen.GetBillRequestObject) (gen.GetBillResponseObject, error) {
	c := ctx.(*gin.Context)
	month := s.reports.PresentMonth()
	if req.Params.Month != nil {
		m, err := billing.ParseMonth(*req.Params.Month)
		if err != nil {
			return nil, err
		}
		month = m
	}
	actor := httpserve.Actor(c)
	b, err := s.reports.Bill(c.Request.Context(), billing.Account{ID: actor.AccountID, Name: actor.AccountName}, month)
	if err != nil {
		return nil, err
	}
	c.Header("Cache-Control", "no-store")
	return gen.GetBill200JSONResponse(toAPI(b)), nil
}

func toAPI(b billing.Bill) gen.Bill {
	out := gen.Bill{
		AccountId: b.AccountID, AccountName: b.AccountName, Month: b.Month.String(), Currency: string(b.Currency), Status: gen.BillStatus(b.Status),
		QueueHours: b.QueueHours.String(), ApiCalls: b.APICalls.String(), FreeApiCalls: b.FreeAPICalls.String(),
		Lines: make([]gen.BillLine, len(b.Lines)), Rounding: b.Rounding.String(), Total: b.Total.String(),
	}
	for i, l := range b.Lines {
		out.Lines[i] = gen.BillLine{
			Meter: gen.BillLineMeter(l.Meter), ProjectId: l.ProjectID, UserId: l.UserID, QueueId: l.QueueID,
			Quantity: l.Quantity.String(), Unit: string(l.Unit), UnitPrice: l.UnitPrice.String(), Amount: l.Amount.String(), Closed: l.Closed,
		}
	}
	return out
}
