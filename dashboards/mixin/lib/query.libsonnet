// PromQL with placeholders: SEL stands for the matchers of a dashboard or rule, PSEL for the same and the project.
{
  // The matchers that are not empty, as they stand between braces.
  join(matchers):: std.join(', ', std.filter(function(m) m != '', matchers)),

  // Puts matchers in the place of a word.
  put(expr, word, matchers)::
    if matchers != '' then std.strReplace(expr, word, matchers)
    else std.strReplace(std.strReplace(std.strReplace(expr, '{' + word + '}', ''), word + ', ', ''), word, ''),

  // Queries of a dashboard.
  forDashboard(config)::
    local sel = $.join([config.selector, 'job=~"$job"', 'client=~"$client"']);
    function(expr) $.put($.put(expr, 'PSEL', sel + ', project=~"$project"'), 'SEL', sel),

  // Expressions of a rule.
  forRule(config):: function(expr) $.put(expr, 'SEL', config.selector),

  // As a block of lines in YAML, which needs no quotes.
  block(expr):: std.stripChars(expr, ' \n') + '\n',

  // The labels that name a client among all that is scraped.
  client:: 'job, instance, client',

  // How far a time on the client's clock lies ahead; that clock may be wrong.
  ahead(metric)::
    '%s - on (%s) group_left () boinc_client_clock_timestamp_seconds{SEL}' % [metric, $.client],
  // How far it lies back.
  ago(metric):: '-(%s)' % $.ahead(metric),
}
