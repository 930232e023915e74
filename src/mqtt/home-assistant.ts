import { piMonitorVersion } from '../system/version.js';
import type { MonitorTopic } from './topics.js';

export interface Device {
  id: string;
  host: string;
  /** Of its own page. */
  page: string;
  topic: (what: MonitorTopic) => string;
}

/** Where Home Assistant looks for what a device offers. */
export function discoveryTopic(prefix: string, id: string): string {
  return `${prefix}/device/pi-monitor-${id}/config`;
}

/**
 * A monitor as a device of Home Assistant (2024.11 or newer: home-assistant.io/integrations/mqtt, "Device
 * discovery payload"): a switch that records, what a person looks at, the newest picture.
 */
export function discoveryOf({ id, host, page, topic }: Device): object {
  const state = topic('state');
  const entity = (key: string, name: string, more: object): object => ({
    [key]: { name, unique_id: `pi-monitor-${id}-${key}`, ...more },
  });
  const sensor = (key: string, name: string, value: string, more: object = {}): object =>
    entity(key, name, {
      platform: 'sensor',
      state_topic: state,
      value_template: `{{ ${value} }}`,
      ...more,
    });
  const measured = { state_class: 'measurement' };
  return {
    device: {
      identifiers: [`pi-monitor-${id}`],
      name: host,
      model: 'pi-monitor',
      sw_version: piMonitorVersion,
      configuration_url: page,
    },
    origin: { name: 'pi-monitor', sw_version: piMonitorVersion },
    availability_topic: topic('availability'),
    components: {
      ...entity('record', 'Record', {
        platform: 'switch',
        state_topic: state,
        value_template: "{{ 'ON' if value_json.recording else 'OFF' }}",
        command_topic: topic('record'),
        qos: 1,
        icon: 'mdi:record-rec',
      }),
      ...sensor('state', 'State', 'value_json.state'),
      ...sensor('frames', 'Frames recorded', 'value_json.frames.written', {
        state_class: 'total_increasing',
      }),
      ...sensor('losses', 'Frames lost', 'value_json.losses.values() | sum', {
        state_class: 'total_increasing',
      }),
      ...sensor('disk', 'Disk left', 'value_json.disk.hoursLeft', {
        device_class: 'duration',
        unit_of_measurement: 'h',
        ...measured,
      }),
      ...sensor('temperature', 'Temperature', 'value_json.health.temperatureC', {
        device_class: 'temperature',
        unit_of_measurement: '°C',
        ...measured,
      }),
      ...entity('picture', 'Picture', { platform: 'image', url_topic: topic('picture') }),
    },
  };
}
