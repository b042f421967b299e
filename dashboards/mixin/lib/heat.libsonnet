// Heat and power of a client's computer, which BOINC does not report. They come from node_exporter and NVIDIA GPU exporters,
// if these run and name the computer as the client is named (_config.machine).
local e = import 'expressions.libsonnet';
local g = import 'panels.libsonnet';
local query = import 'query.libsonnet';

local needed = 'needs node_exporter or a GPU exporter';
local sources = 'node_exporter (AMD GPUs too), dcgm-exporter or nvidia_gpu_exporter, whose instance must be named as the client is';

// node_exporter's names for chips, and the usual ones.
local chips = {
  coretemp: 'CPU',
  k10temp: 'CPU',
  zenpower: 'CPU',
  cpu_thermal: 'CPU',
  nouveau: 'GPU',
  nvme: 'NVMe',
  drivetemp: 'disks',
  acpitz: 'board (ACPI)',
};
// Colours assigned by name may be alike; colours assigned by position are not. GPUs come first in both graphs, so that each
// has the same colour in both, and CPUs have a fixed one.
local colors = { color: { mode: 'palette-classic' } };
local cpu = { color: g.fixed('purple') };

// Series of the selected computer.
local queries(config) = {
  local of(metric, matcher='') = '%s{%s}' % [metric, query.join([config.machine, matcher])],
  local ofChip(metric, name) = '(%s and ignoring (sensor, chip_name) %s)' % [of(metric), of('node_hwmon_chip_names', 'chip_name="%s"' % name)],
  // Adds the label `gpu`, what a GPU is called: its model, and where another has the same, also `id`. Series of `named` have the
  // labels `model` and `id`; of these models, each GPU has one.
  local called(named, models) =
    local alike = '(count by (model) (%s) > 1)' % models;
    'label_replace(%(n)s unless on (model) %(a)s, "gpu", "$1", "model", "(.*)") or label_join(%(n)s and on (model) %(a)s, "gpu", " ", "model", "id")' % { n: named, a: alike },
  // Models without their maker.
  local model(expr, label) = 'label_replace(%s, "model", "$1", "%s", "(?:NVIDIA |AMD )?(.+)")' % [expr, label],

  // The hottest sensor. Board inputs with nothing connected read 120 °C or more.
  temperatures:: 'max by (chip_name) (%s * ignoring (sensor, chip_name) group_left (chip_name) %s < 120)' % [
    of('node_hwmon_temp_celsius'),
    of('node_hwmon_chip_names', 'chip_name!="amdgpu"'),
  ],

  // Each GPU once, even if both NVIDIA exporters run. `over` is the function applied to the metric.
  gpus(dcgm, smi, amd, over=function(expr) expr)::
    local ofSmi = over(of(smi));
    {
      smi: 'max by (uuid) (%s)' % ofSmi,
      dcgm: 'max by (gpu, modelName) (%s) unless on () %s' % [over('(%s or %s{%s})' % [of(dcgm), dcgm, config.machineOfDcgm]), ofSmi],
      amd: 'max by (chip) (%s)' % over(ofChip(amd, 'amdgpu')),
    },
  // The same with what they are called. BOINC names a single model of AMD's, so that it tells only of a single GPU which it is;
  // others have their bus address.
  named(gpus)::
    local smi = model('max by (uuid, name) (%s)' % of('nvidia_smi_gpu_info'), 'name');
    local dcgm = model('label_replace(%s, "model", "GPU", "", "")' % gpus.dcgm, 'modelName');
    local chips = of('node_hwmon_chip_names', 'chip_name="amdgpu"');
    local amd = '(topk(1, %s) unless on () count(%s) > 1)' % [model('max by (model) (last_over_time(boinc_gpu_devices{SEL, resource="ATI"}[1d]))', 'model'), chips];
    {
      smi: called('label_replace(%s * on (uuid) group_left (model) %s, "id", "$1", "uuid", "(?:GPU-)?(.{4}).*")' % [gpus.smi, smi], smi),
      dcgm: called('label_replace(%s, "id", "$1", "gpu", "(.*)")' % dcgm, dcgm),
      amd: 'label_replace(%(g)s * on () group_left (model) %(a)s ^ 0, "gpu", "$1", "model", "(.*)") or label_replace(%(g)s unless on () %(a)s, "gpu", "AMD GPU $1", "chip", "(?:.*:)?([^:]+:[^:_]+).*")' % { g: gpus.amd, a: amd },
    },
  gpuPower(over=function(expr) expr):: self.gpus('DCGM_FI_DEV_POWER_USAGE', 'nvidia_smi_power_draw_watts', 'node_hwmon_power_average_watt', over),
  // CPU packages; some are listed twice, under two paths.
  cpu(function_, range):: 'sum(max by (index) (%s(%s[%s])))' % [function_, of('node_rapl_package_joules_total'), range],
  // A sensor that reads 0 is absent.
  board(over=function(expr) expr):: 'sum(max by (chip) (%s)) > 0' % over(ofChip('node_hwmon_power_average_watt', 'power_meter')),

  // Kilowatt-hours of a day: of the whole computer if it has a sensor, otherwise of its parts. Watts are summed minute by
  // minute, so that time when the computer is off does not count.
  energy::
    local day(expr) = 'sum_over_time(%s[1d:1m])' % expr;
    local gpus = self.gpuPower(day);
    |||
      (
        60 * (%s)
        or
        sum(
          %s
          or
          60 * (%s or %s or %s)
        )
      ) / 3.6e6
    ||| % [self.board(day), self.cpu('increase', '1d'), gpus.smi, gpus.dcgm, gpus.amd],
};

{
  row(config)::
    local q = query.forClient(config);
    local of = queries(config);
    local range(expr, legend) = g.range(q(expr), legend);
    local gpus(by) = [range(of.named(by)[source], '{{gpu}}') for source in ['smi', 'dcgm', 'amd']];
    local credit = if config.dashboards.useRecordingRules then 'sum(client_project:boinc_project_host_credit:delta1d{SEL})' else e.hostCredit('', 'SEL', '1d');
    [
      [g.row('Heat and power', collapsed=true)],
      [
        g.graph('Temperature', 'The hottest sensor of each kind of chip, and each GPU, in degrees Celsius. From %s.' % sources, gpus(of.gpus('DCGM_FI_DEV_GPU_TEMP', 'nvidia_smi_temperature_gpu', 'node_hwmon_temp_celsius')) + [
          range(of.temperatures, '{{chip_name}}'),
        ], 'celsius', calcs=['max', 'lastNotNull'], legend='right')
        .withDefaults(colors { decimals: 0, noValue: needed })
        .withOverrides([
          g.named(name, { displayName: chips[name] } + (if chips[name] == 'CPU' then cpu else {}))
          for name in std.objectFields(chips)
        ])
        .lines,
        9,
        8,
      ],
      [
        g.graph('Power', 'Power that CPUs (by their own counters, RAPL) and GPUs draw, in watts, stacked. The dashed line is the whole computer, if its board has a sensor; without one, the power of board, disks and power supply is missing. CPUs are missing if node_exporter may not read their counters, which only root may since Linux 5.10. From %s.' % sources, gpus(of.gpuPower()) + [
          range(of.cpu('rate', '$__rate_interval'), 'CPU'),
          range(of.board(), 'whole computer'),
        ], 'watt', stack=true, calcs=['mean', 'lastNotNull'], legend='right')
        .withDefaults(colors { decimals: 0, noValue: needed })
        .withOverrides([g.named('CPU', cpu), g.named('whole computer', { color: g.fixed('text'), 'custom.fillOpacity': 0, 'custom.lineStyle': { dash: [10, 10], fill: 'dash' }, 'custom.stacking': { mode: 'none', group: 'A' } })]),
        9,
        8,
      ],
      [
        g.stat('Credit per kilowatt-hour, 24 h', 'Credit that the computer got in the last 24 hours per kilowatt-hour drawn, the kilowatt-hours, what they cost at the price in the box at the top, in its currency, and the credit for one unit of that money. They are of the whole computer if its board has a sensor, otherwise of CPUs and GPUs only. Credit is granted when a result is validated, often days after the work; the number is too high until power has been recorded for a day. From boinc_project_host_credit and the metrics under Power.', [
          g.now(q('%s / (%s > 0)' % [credit, of.energy]), 'Credit per kWh'),
          g.now(q(of.energy), 'Drawn'),
          g.now(q('%s * $price' % of.energy), 'Cost'),
          g.now(q('%s / (%s * $price > 0)' % [credit, of.energy]), 'Credit per unit of money'),
        ], 'short')
        .withDefaults({ decimals: 1, noValue: needed })
        .withOverrides([g.named('Drawn', { unit: 'kwatth' }), g.named('Cost', { decimals: 2 })]),
        6,
        8,
      ],
    ],
}
