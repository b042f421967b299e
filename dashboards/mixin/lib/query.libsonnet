// PromQL with placeholders: SEL stands for the matchers of a dashboard or rule, PSEL for the same plus the project.
{
  // The non-empty matchers, as written between braces.
  join(matchers):: std.join(', ', std.filter(function(m) m != '', matchers)),

  // Replaces a placeholder with matchers.
  put(expr, word, matchers)::
    if matchers != '' then std.strReplace(expr, word, matchers)
    else std.strReplace(std.strReplace(std.strReplace(expr, '{' + word + '}', ''), word + ', ', ''), word, ''),

  // Queries of a dashboard.
  forDashboard(config)::
    local sel = $.join([config.selector, 'job=~"$job"', 'client=~"$client"']);
    function(expr) $.put($.put(expr, 'PSEL', sel + ', project=~"$project"'), 'SEL', sel),

  // Expressions of a rule.
  forRule(config):: function(expr) $.put(expr, 'SEL', config.selector),

  // As a YAML block of lines, which needs no quotes.
  block(expr):: std.stripChars(expr, ' \n') + '\n',

  // The labels that identify a client among all scraped series.
  client:: 'job, instance, client',

  // How far ahead a time is, by the client's own clock, which may be wrong.
  ahead(metric)::
    '%s - on (%s) group_left () boinc_client_clock_timestamp_seconds{SEL}' % [metric, $.client],
  // How long ago it is.
  ago(metric):: '-(%s)' % $.ahead(metric),
}
