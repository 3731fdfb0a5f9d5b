// The shape of a dashboard file by Grafana's own types.
import type { Dashboard, DataSourceRef } from '@grafana/schema';
import type { Options as Stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as Table, FieldConfig as Cells } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { Options as Text } from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';
import type { Options as TimeSeries, FieldConfig as Lines } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// A file holds the values of an enum, not its names.
export type Plain<T> = T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;

// Every file has what the tests of it rely on.
export type Board = Plain<Dashboard> & Required<Pick<Plain<Dashboard>, 'uid' | 'title' | 'panels' | 'templating' | 'time'>>;

// What @grafana/schema leaves open in a panel: its options by its type, and its queries, whose type
// belongs to the Prometheus plugin.
export type Options = { stat: Plain<Stat>; table: Plain<Table>; text: Plain<Text>; timeseries: Plain<TimeSeries> };
export type Custom = { stat: Record<string, never>; table: Partial<Plain<Cells>>; text: Record<string, never>; timeseries: Plain<Lines> };
export type Query = {
  datasource: DataSourceRef; refId: string; editorMode: 'code' | 'builder'; expr: string; legendFormat: string;
  instant: boolean; range: boolean; format?: 'time_series' | 'table' | 'heatmap';
};
