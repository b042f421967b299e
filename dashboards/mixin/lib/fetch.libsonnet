// What the event log tells about requests for work. The series of boinc_work_fetch_replies_total count sentences: some are the
// outcome of a request, the others the reasons why there was no work.
local g = import 'panels.libsonnet';
local s = import 'states.libsonnet';

function(q) {
  local source = ' From boinc_work_fetch_replies_total, which the exporter reads from the event log.',
  local perHour(matcher) = g.range(q('sum by (reason) (increase(boinc_work_fetch_replies_total{%s, reason%s}[$__interval])) > 0' % [matcher.of, matcher.reason]), '{{reason}}'),
  local outcomes = std.join('|', std.objectFields(s.requests)),

  requests(of)::
    g.graph('Work requests', 'Requests for work per hour, and how many of them brought tasks or none.' + source, [
      perHour({ of: of, reason: '=~"%s"' % outcomes }),
    ], calcs=['sum'])
    .withDefaults({ decimals: 0, custom+: { drawStyle: 'bars', fillOpacity: 60, lineWidth: 0 } })
    .withOverrides(g.series(s.requests)) { interval: '1h', maxDataPoints: 100 },
  reasons(of)::
    g.hourly('Replies to work requests', 'Why there was no work, per hour: what projects replied, and why the client did not ask (it has enough work, or it is the turn of another project). A contact can have several reasons or none, so sums of sentences are not contacts.' + source, [
      perHour({ of: of, reason: '!~"%s"' % outcomes }),
    ], legend='bottom')
    .withOverrides(g.series(s.fetch)),
}
