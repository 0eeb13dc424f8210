import type { components } from './schema.d.ts';

type Schemas = components['schemas'];

export type Activity = Schemas['ActivityPage']['items'][number];
export type ApiKey = Schemas['ApiKey'];
export type Connection = Schemas['Connection'];
export type ConnectionStep = Schemas['ConnectionStep'];
export type ConnectionTest = Schemas['ConnectionTest'];
export type CreatedCredential = Schemas['CreatedCredential'];
export type CreatedIntegration = Schemas['CreatedIntegration'];
export type CreatedToken = Schemas['CreatedToken'];
export type Credential = Schemas['Credential'];
export type DecoderSettings = Schemas['DecoderSettings'];
export type DecodingPreview = Schemas['DecodingPreview'];
export type Device = Schemas['Device'];
export type DeviceMessage = Schemas['DeviceMessages']['items'][number];
export type Integration = Schemas['Integration'];
export type IntegrationToken = Schemas['IntegrationToken'];
export type Invitation = Schemas['Invitation'];
export type Me = Schemas['Me'];
export type Member = Schemas['Member'];
export type Overview = Schemas['Overview'];
export type Quarantined = Schemas['QuarantinedMessage'];
export type Receipt = Schemas['Receipt'];
export type SetupGuide = Schemas['SetupGuide'];
export type TelemetryPage = Schemas['TelemetryPage'];
export type UpdateIntegration = Schemas['UpdateIntegration'];
