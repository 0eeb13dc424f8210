import type { components } from './schema.d.ts';

// With defaults filled in: the schema of what is sent and what is answered is the same one.
export type { AlertRule, MaintenanceWindow } from '../../../src/contract/alerts.ts';

type Schemas = components['schemas'];

export type Activity = Schemas['ActivityPage']['items'][number];
export type Alert = Schemas['Alert'];
export type AlertAction = Schemas['AlertAction'];
export type AlertWithEvents = Schemas['AlertWithEvents'];
export type ApiKey = Schemas['ApiKey'];
export type Command = Schemas['Command'];
export type CommandField = Schemas['CommandField'];
export type Connection = Schemas['Connection'];
export type ConnectionStep = Schemas['ConnectionStep'];
export type ConnectionTest = Schemas['ConnectionTest'];
export type CreatedCredential = Schemas['CreatedCredential'];
export type CreatedIntegration = Schemas['CreatedIntegration'];
export type CreatedToken = Schemas['CreatedToken'];
export type Credential = Schemas['Credential'];
export type DeclaredCommand = Schemas['DeclaredCommand'];
export type DeclaredMetric = Schemas['DeclaredMetric'];
export type DecoderSettings = Schemas['DecoderSettings'];
export type DecodingPreview = Schemas['DecodingPreview'];
export type Device = Schemas['Device'];
export type DeviceMessage = Schemas['DeviceMessages']['items'][number];
export type DeviceType = Schemas['DeviceType'];
export type ImportedDevices = Schemas['ImportedDevices'];
export type Integration = Schemas['Integration'];
export type IntegrationToken = Schemas['IntegrationToken'];
export type Invitation = Schemas['Invitation'];
export type LiveConnection = Schemas['LiveConnection'];
export type Me = Schemas['Me'];
export type Member = Schemas['Member'];
export type NotificationChannel = Schemas['NotificationChannel'];
export type NotificationDelivery = Schemas['NotificationDelivery'];
export type NotificationTest = Schemas['NotificationTest'];
export type Organization = Schemas['Organization'];
export type Overview = Schemas['Overview'];
export type PlatformHealth = Schemas['PlatformHealth'];
export type Quarantined = Schemas['QuarantinedMessage'];
export type Receipt = Schemas['Receipt'];
export type SetupGuide = Schemas['SetupGuide'];
export type TelemetryPage = Schemas['TelemetryPage'];
export type UsedLimit = Schemas['Usage']['limits'][number];
export type UpdateIntegration = Schemas['UpdateIntegration'];
export type UpdateNotificationChannel = Schemas['UpdateNotificationChannel'];
