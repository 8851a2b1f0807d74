package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Metrics is CloudWatch.
type Metrics interface {
	cloudwatch.GetMetricDataAPIClient
}

// metric is a metric with one dimension.
type metric struct{ namespace, name, dimension, value, stat string }

// point is what a metric was in a minute.
type point struct {
	at    time.Time
	value float64
}

// points are those of a metric, the latest first.
type points []point

func (p points) latest() (point, bool) {
	if len(p) == 0 {
		return point{}, false
	}
	return p[0], true
}

func (p points) sum() (sum float64) {
	for _, one := range p {
		sum += one.value
	}
	return sum
}

// read reads metrics by the minute, in the order of the metrics.
func read(ctx context.Context, client Metrics, from, to time.Time, metrics ...metric) ([]points, error) {
	input := &cloudwatch.GetMetricDataInput{StartTime: &from, EndTime: &to, ScanBy: types.ScanByTimestampDescending}
	facts := map[string]int{}
	for i, m := range metrics {
		id := fmt.Sprintf("m%d", i)
		facts[id] = i
		input.MetricDataQueries = append(input.MetricDataQueries, types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: &m.namespace, MetricName: &m.name, Dimensions: []types.Dimension{{Name: &m.dimension, Value: &m.value}}},
			Period: aws.Int32(60), Stat: &m.stat,
		}})
	}
	found := make([]points, len(metrics))
	pages := cloudwatch.NewGetMetricDataPaginator(client, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the metric %s of %s: %w", metrics[0].name, metrics[0].value, err)
		}
		for _, r := range page.MetricDataResults {
			for i, at := range r.Timestamps[:min(len(r.Timestamps), len(r.Values))] {
				n := facts[aws.ToString(r.Id)]
				found[n] = append(found[n], point{at, r.Values[i]})
			}
		}
	}
	return found, nil
}
