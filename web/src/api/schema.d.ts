export interface paths {
    "/api/v1/platform": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What anyone may know before signing in */
        get: operations["getPlatform"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create the first owner and organization, once; signs in */
        post: operations["setUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is calling, and their organizations */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/sign-in/email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in; sets the session’s cookie */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this session */
        post: operations["signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/change-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change the password; ends every other session */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller’s organizations */
        get: operations["listOrganizations"];
        put?: never;
        /** Create an organization and own it */
        post: operations["createOrganization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One organization */
        get: operations["getOrganization"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Rename it, or keep readings for another time (admins) */
        patch: operations["updateOrganization"];
        trace?: never;
    };
    "/api/v1/organizations/{org}/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Devices by presence, traffic, quarantine, health */
        get: operations["getOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/connection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where its devices connect */
        get: operations["getConnection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the platform is: broker, database, and the processes it runs as */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its limits, and what it uses of them */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tags in use, by name, with how many devices have each; at most the 1,000 most used */
        get: operations["listTags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/devices/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add tags to up to 1,000 devices and take others off: of all, or of none (members) */
        post: operations["tagDevices"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/devices/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All devices that a list with these filters holds, as CSV */
        get: operations["exportDevices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/devices/{device}/telemetry/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its readings of a span as a file, oldest first */
        get: operations["exportTelemetry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/telemetry/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Readings of up to 100 devices as one file, device by device */
        get: operations["exportTelemetryOfMany"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/devices/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make and change devices by a CSV file: all of it, or nothing if a line is refused (members) */
        post: operations["importDevices"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Devices, by external_device_id */
        get: operations["listDevices"];
        put?: never;
        /** Register a device before its first message (members) */
        post: operations["createDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/devices/{device}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One device with its latest values */
        get: operations["getDevice"];
        put?: never;
        post?: never;
        /** Delete a device with its history and own credentials (members) */
        delete: operations["deleteDevice"];
        options?: never;
        head?: never;
        /** Rename a device, tag it, or say what type it is of (members) */
        patch: operations["updateDevice"];
        trace?: never;
    };
    "/api/v1/organizations/{org}/devices/{device}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its last twenty messages as received, each with its receipt */
        get: operations["listDeviceMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/devices/{device}/telemetry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its readings, raw or rolled up, newest first */
        get: operations["getTelemetry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/devices/{device}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Commands of a device, newest first */
        get: operations["listDeviceCommands"];
        put?: never;
        /** Ask something of a device; with wait_seconds the answer is the outcome (members) */
        post: operations["createCommand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Commands of all devices, newest first */
        get: operations["listCommands"];
        put?: never;
        /** Ask the same of up to 1,000 devices: of all, or of none if one is not there (members) */
        post: operations["createCommands"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/commands/{command}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One command */
        get: operations["getCommand"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/commands/{command}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Call a command off that is not sent yet (members) */
        post: operations["cancelCommand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/commands/{command}/send-again": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask once more what has ended, as a new command that is valid for as long (members) */
        post: operations["sendCommandAgain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/device-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Device types with the commands and metrics that they declare, by name */
        get: operations["listDeviceTypes"];
        put?: never;
        /** Make a device type (members) */
        post: operations["createDeviceType"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/device-types/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One device type */
        get: operations["getDeviceType"];
        put?: never;
        post?: never;
        /** Delete it; its devices stay, and are of no type (members) */
        delete: operations["deleteDeviceType"];
        options?: never;
        head?: never;
        /** Rename it, declare other commands or metrics, or keep readings for another time (members) */
        patch: operations["updateDeviceType"];
        trace?: never;
    };
    "/api/v1/organizations/{org}/credentials/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make one for each of up to 1,000 devices; passwords are shown this once (admins) */
        post: operations["createCredentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** MQTT credentials, newest first */
        get: operations["listCredentials"];
        put?: never;
        /** Make a credential; its password is shown this once (admins) */
        post: operations["createCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/credentials/{credential}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One credential */
        get: operations["getCredential"];
        put?: never;
        post?: never;
        /** Delete it; closes its connections (admins) */
        delete: operations["deleteCredential"];
        options?: never;
        head?: never;
        /** Disable, enable or rename; disabling closes its connections (admins) */
        patch: operations["updateCredential"];
        trace?: never;
    };
    "/api/v1/organizations/{org}/credentials/{credential}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make its successor, and let it expire meanwhile (admins) */
        post: operations["rotateCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Clients that are connected to the hosted broker now, the latest first */
        get: operations["listConnections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/connections/{connection}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Disconnect the client, within a second; it may connect again (admins) */
        delete: operations["disconnect"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/integrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How messages reach the organization */
        get: operations["listIntegrations"];
        put?: never;
        /** Connect a broker of your own (admins) */
        post: operations["createIntegration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/integrations/{integration}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One integration */
        get: operations["getIntegration"];
        put?: never;
        post?: never;
        /** Delete it with its quarantine; devices and their readings stay (admins) */
        delete: operations["deleteIntegration"];
        options?: never;
        head?: never;
        /** Change or stop it; what is left out stays (admins) */
        patch: operations["updateIntegration"];
        trace?: never;
    };
    "/api/v1/organizations/{org}/integrations/{integration}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Connects, disconnects and refusals with their reason, newest first */
        get: operations["listActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/integrations/{integration}/receipts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last hundred duplicates and rejections, newest first */
        get: operations["listReceipts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/integrations/{integration}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tokens that a webhook takes, newest first (admins) */
        get: operations["listIntegrationTokens"];
        put?: never;
        /** Make another token, and let those before it expire meanwhile (admins) */
        post: operations["rotateIntegrationToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/integrations/{integration}/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Refuse a token from now on (admins) */
        delete: operations["deleteIntegrationToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/integrations/{integration}/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The configuration that is made for the customer’s broker (admins) */
        get: operations["getIntegrationSetup"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/integrations/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try a broker, step by step, before an integration is made of it (admins) */
        post: operations["testConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Messages that could not be stored, newest first */
        get: operations["listQuarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/quarantine/{message}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One message with its whole payload */
        get: operations["getQuarantinedMessage"];
        put?: never;
        post?: never;
        /** Discard it (members) */
        delete: operations["deleteQuarantinedMessage"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/quarantine/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a decoder would make of a payload; nothing is stored (members) */
        post: operations["previewDecoding"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/quarantine/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decode and store messages once more, by their integrations as they are now (members) */
        post: operations["replayQuarantine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/alert-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alert rules, by name */
        get: operations["listAlertRules"];
        put?: never;
        /** Make an alert rule (members). With the first about silence comes one about connections to brokers */
        post: operations["createAlertRule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/alert-rules/backtest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** When a rule would have fired for a device, from its readings of up to 31 days */
        post: operations["backtestAlertRule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/alert-rules/{rule}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One alert rule */
        get: operations["getAlertRule"];
        put?: never;
        post?: never;
        /** Delete a rule; its alerts are resolved, and stay (members) */
        delete: operations["deleteAlertRule"];
        options?: never;
        head?: never;
        /** Change a rule; one that looks for something else closes its alerts and looks anew (members) */
        patch: operations["updateAlertRule"];
        trace?: never;
    };
    "/api/v1/organizations/{org}/maintenance-windows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Times in which nothing opens, the latest first */
        get: operations["listMaintenanceWindows"];
        put?: never;
        /** Say when nothing is to open, and for which devices (members) */
        post: operations["createMaintenanceWindow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/maintenance-windows/{window}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End or call off a time of maintenance (members) */
        delete: operations["deleteMaintenanceWindow"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts, the newest first */
        get: operations["listAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/alerts/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many alerts need somebody */
        get: operations["countAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/alerts/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Acknowledge, snooze or resolve up to 1,000 alerts, or note something (members) */
        post: operations["actOnAlerts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/alerts/{alert}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One alert, with what happened to it */
        get: operations["getAlert"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/notification-channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is told of alerts */
        get: operations["listNotificationChannels"];
        put?: never;
        /** Have somebody told of alerts (admins) */
        post: operations["createNotificationChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/notification-channels/{channel}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One channel */
        get: operations["getNotificationChannel"];
        put?: never;
        post?: never;
        /** Delete it with its deliveries; rules that name it go on without (admins) */
        delete: operations["deleteNotificationChannel"];
        options?: never;
        head?: never;
        /** Change or switch it off; what is left out stays (admins) */
        patch: operations["updateNotificationChannel"];
        trace?: never;
    };
    "/api/v1/organizations/{org}/notification-channels/{channel}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a notification at once, and see what the receiver says (admins) */
        post: operations["testNotificationChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/notification-channels/{channel}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign with a new secret from now on (admins) */
        post: operations["rotateSigningSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/notification-channels/{channel}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one channel was told, and what became of it, newest first */
        get: operations["listDeliveriesOfChannel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/notification-deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same of all channels */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/notification-deliveries/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have dead ones sent again (members) */
        post: operations["retryDeliveries"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/notification-deliveries/{delivery}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have a dead one sent again (members) */
        post: operations["retryDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who belongs to the organization */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/members/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a member (admins), or leave */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /** Change a role (admins; owners are made and unmade by owners) */
        patch: operations["updateMember"];
        trace?: never;
    };
    "/api/v1/organizations/{org}/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Invitations, newest first (admins) */
        get: operations["listInvitations"];
        put?: never;
        /** Invite by a link that is shown this once and works once (admins) */
        post: operations["createInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/invitations/{invitation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Withdraw it (admins) */
        delete: operations["deleteInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a link invites to */
        post: operations["previewInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept it as the signed-in user, or with a new account, which is signed in */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** API keys, newest first (admins) */
        get: operations["listApiKeys"];
        put?: never;
        /** Make a key; it is shown this once (admins) */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/api-keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a key (admins) */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{org}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server-Sent Events, resumable without a gap */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        PlatformInfo: {
            name: string;
            version: string;
            /** @description No owner exists yet; the console shows the set-up link */
            setup_required: boolean;
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            code: string;
            detail: string;
            errors?: {
                field: string;
                message: string;
            }[];
        };
        Me: {
            /** @description null for an API key */
            user: {
                /** Format: uuid */
                id: string;
                name: string;
                email: string;
            } | null;
            organizations: {
                /** Format: uuid */
                id: string;
                name: string;
                /** @enum {string} */
                role: "owner" | "admin" | "member" | "viewer";
            }[];
        };
        SetupRequest: {
            token: string;
            name: string;
            /** Format: email */
            email: string;
            password: string;
            organization_name: string;
        };
        SignedIn: {
            user: {
                /** Format: uuid */
                id: string;
                name: string;
                email: string;
            };
        };
        SignIn: {
            /** Format: email */
            email: string;
            password: string;
        };
        ChangePassword: {
            current_password: string;
            new_password: string;
        };
        OrganizationList: {
            items: components["schemas"]["Organization"][];
        };
        Organization: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            role: "owner" | "admin" | "member" | "viewer";
            /** @description For how long it keeps readings; null: as the platform */
            retention_days: number | null;
            platform_retention_days: number;
            created_at: string;
        };
        CreateOrganization: {
            name: string;
        };
        UpdateOrganization: {
            name?: string;
            retention_days?: number | null;
        };
        Overview: {
            devices: {
                total: number;
                online: number;
                late: number;
                offline: number;
                unknown: number;
            };
            /** @description Mean of the last minute */
            messages_per_second: number;
            /** @description One entry a minute with messages, of the last hour, oldest first */
            traffic: {
                minute: string;
                stored: number;
                duplicate: number;
                quarantined: number;
                rejected: number;
            }[];
            /** @description Messages waiting in quarantine */
            quarantined: number;
            /** @description The oldest beyond it are removed */
            quarantine_limit: number;
            quarantine_full: boolean;
            connections: number;
            broker: {
                healthy: boolean;
                engine: string;
                version: string;
                detail?: string;
            };
            database: {
                healthy: boolean;
                version: string;
                latency_ms: number;
                detail?: string;
            };
        };
        Connection: {
            host: string;
            /** @description mqtt://host:port */
            mqtt: string | null;
            /** @description mqtts://host:port; null without a certificate */
            mqtts: string | null;
            /** @description ws://host:port/mqtt */
            ws: string | null;
            /** @description wss://host:port/mqtt; null without a certificate */
            wss: string | null;
            topic_prefix: string;
            /** @description True when only this machine can connect: set HOST to change it */
            loopback_only: boolean;
            protocol_versions: string[];
            max_message_bytes: number;
        };
        PlatformHealth: {
            broker: {
                healthy: boolean;
                engine: string;
                version: string;
                detail?: string;
            };
            database: {
                healthy: boolean;
                version: string;
                latency_ms: number;
                detail?: string;
            };
            /** @description Those that were heard within the last ten seconds, oldest first */
            processes: {
                /** Format: uuid */
                id: string;
                roles: ("engine" | "worker" | "subscriber" | "gateway" | "api")[];
                /** @description The machine’s name */
                host: string;
                version: string;
                started_at: string;
                seen_at: string;
                /** @description Of this organization’s clients; null without the role gateway */
                connections: number | null;
                /** @description Null where it needs none */
                reaches_engine: boolean | null;
            }[];
            /** @description What no process does now */
            missing_roles: ("engine" | "worker" | "subscriber" | "gateway" | "api")[];
        };
        Usage: {
            plan: string;
            limits: {
                /** @enum {string} */
                name: "connections" | "messages_per_second" | "bytes_per_second" | "message_bytes" | "devices" | "subscriptions" | "stored_rows";
                /** @description null: none */
                limit: number | null;
                /** @description Now; null where there is nothing to add up */
                used: number | null;
                /** @description The most at a time since midnight, UTC; null where it is not kept */
                peak_today: number | null;
                /** @description How often it held something back since midnight, UTC */
                hits_today: number;
                /** @description Within the last week */
                last_hit_at: string | null;
            }[];
        };
        TagList: {
            items: {
                tag: string;
                device_count: number;
            }[];
        };
        TaggedDevices: {
            items: {
                /** Format: uuid */
                id: string;
                tags: string[];
            }[];
        };
        TagDevices: {
            device_ids: string[];
            /** @default [] */
            add?: string[];
            /** @default [] */
            remove?: string[];
        };
        ImportedDevices: {
            applied: boolean;
            created: number;
            changed: number;
            unchanged: number;
            refused: number;
            ignored_columns: string[];
            /** @description All but those that change nothing */
            lines: {
                /** @description As an editor counts: the names of the columns are line 1 */
                line: number;
                external_device_id: string;
                /** @enum {string} */
                outcome: "created" | "changed" | "refused";
                changes: ("name" | "type" | "tags")[];
                reason: string | null;
            }[];
        };
        DevicePage: {
            items: components["schemas"]["Device"][];
            next_cursor: string | null;
        };
        Device: {
            /** Format: uuid */
            id: string;
            external_device_id: string;
            name: string;
            /** Format: uuid */
            integration_id: string | null;
            /** Format: uuid */
            device_type_id: string | null;
            tags: string[];
            /** @enum {string} */
            presence: "online" | "late" | "offline" | "unknown";
            presence_since: string;
            presence_reason: string;
            last_seen_at: string | null;
            usual_interval_ms: number | null;
            latest: {
                [key: string]: {
                    value: number | string | boolean;
                    recorded_at: string;
                };
            };
            created_at: string;
        };
        CreateDevice: {
            external_device_id: string;
            name?: string;
        };
        UpdateDevice: {
            name?: string;
            /** Format: uuid */
            device_type_id?: string | null;
            /** @description All that it has then */
            tags?: string[];
        };
        DeviceMessages: {
            items: components["schemas"]["DeviceMessage"][];
        };
        DeviceMessage: {
            received_at: string;
            topic: string;
            /** @description As text when it is UTF-8 */
            payload: string | null;
            /** @description Otherwise */
            payload_base64: string | null;
            /** @description Its full size; what is kept is cut at 4 KiB */
            payload_bytes: number;
            qos: number;
            retain: boolean;
            /** @enum {string} */
            outcome: "stored" | "duplicate" | "quarantined" | "rejected";
            reason: string | null;
            readings: number;
        };
        TelemetryPage: {
            /**
             * @description What `auto` came to
             * @enum {string}
             */
            resolution: "raw" | "1m" | "1h" | "1d";
            items: {
                recorded_at: string;
                received_at: string;
                device_timestamp: string | null;
                /** @description Why the device’s time was not believed */
                time_mark: string | null;
                telemetry: {
                    [key: string]: number | string | boolean;
                };
            }[] | {
                bucket: string;
                metrics: {
                    [key: string]: {
                        count: number;
                        min: number;
                        max: number;
                        mean: number;
                        last: number | string | boolean;
                    };
                };
            }[];
            next_cursor: string | null;
        };
        Command: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            device_id: string;
            external_device_id: string;
            name: string;
            params: unknown;
            /** @enum {string} */
            state: "queued" | "published" | "delivered" | "acknowledged" | "succeeded" | "failed" | "expired" | "cancelled" | "undeliverable";
            /** @description Why it is there, a stable word as device_away */
            reason: string | null;
            /** @description In plain words */
            detail: string;
            /** @description What the device answered; null when it said nothing */
            result: unknown;
            supersede_key: string | null;
            /** @description How often it was tried to be sent */
            attempts: number;
            /** @description Who asked for it */
            requested_by: {
                /** @enum {string} */
                kind: "user" | "api_key" | "sql";
                /** Format: uuid */
                id: string | null;
            };
            /**
             * Format: uuid
             * @description The command that this one repeats
             */
            sent_again_of: string | null;
            created_at: string;
            expires_at: string;
            published_at: string | null;
            delivered_at: string | null;
            acknowledged_at: string | null;
            finished_at: string | null;
        };
        CreateCommand: {
            /** @description What is asked, as set_interval */
            name: string;
            /**
             * @description What with, a JSON object
             * @default {}
             */
            params?: {
                [key: string]: unknown;
            };
            /**
             * @description How long it is worth doing: a device that is away gets it on its return until then
             * @default 86400
             */
            ttl_seconds?: number;
            /** @description Replaces those of the device with the same key that are not sent yet, as an older set point */
            supersede_key?: string;
            /**
             * @description How long to wait for the outcome; without one in time the answer is 202 and the state so far
             * @default 0
             */
            wait_seconds?: number;
        };
        CommandPage: {
            items: components["schemas"]["Command"][];
            next_cursor: string | null;
        };
        CommandList: {
            items: components["schemas"]["Command"][];
        };
        CreateCommands: {
            /** @description What is asked, as set_interval */
            name: string;
            /**
             * @description What with, a JSON object
             * @default {}
             */
            params?: {
                [key: string]: unknown;
            };
            /**
             * @description How long it is worth doing: a device that is away gets it on its return until then
             * @default 86400
             */
            ttl_seconds?: number;
            /** @description Replaces those of the device with the same key that are not sent yet, as an older set point */
            supersede_key?: string;
            /** @description Each gets a command of its own */
            device_ids: string[];
        };
        DeviceTypeList: {
            items: components["schemas"]["DeviceType"][];
        };
        DeviceType: {
            /** Format: uuid */
            id: string;
            name: string;
            commands: components["schemas"]["DeclaredCommand"][];
            metrics: components["schemas"]["DeclaredMetric"][];
            retention_days: number | null;
            device_count: number;
            created_at: string;
        };
        DeclaredCommand: {
            name: string;
            /** @default  */
            description?: string;
            /** @default [] */
            fields?: components["schemas"]["CommandField"][];
        };
        CommandField: {
            /** @enum {string} */
            type: "number";
            name: string;
            label?: string;
            unit?: string;
            min?: number;
            max?: number;
            /** @description Only whole numbers */
            whole?: boolean;
            /** @default false */
            required?: boolean;
            default?: number;
        } | {
            /** @enum {string} */
            type: "text";
            name: string;
            label?: string;
            /** @default false */
            required?: boolean;
            default?: string;
        } | {
            /** @enum {string} */
            type: "switch";
            name: string;
            label?: string;
            /** @default false */
            required?: boolean;
            default?: boolean;
        } | {
            /** @enum {string} */
            type: "choice";
            name: string;
            label?: string;
            options: string[];
            /** @default false */
            required?: boolean;
            default?: string;
        };
        DeclaredMetric: {
            name: string;
            label?: string;
            unit?: string;
            /** @description Of the range that it usually lies in */
            min?: number;
            max?: number;
        };
        CreateDeviceType: {
            name: string;
            /** @default [] */
            commands?: components["schemas"]["DeclaredCommand"][];
            /** @default [] */
            metrics?: components["schemas"]["DeclaredMetric"][];
            /** @default null */
            retention_days?: number | null;
        };
        UpdateDeviceType: {
            name?: string;
            commands?: components["schemas"]["DeclaredCommand"][];
            metrics?: components["schemas"]["DeclaredMetric"][];
            retention_days?: number | null;
        };
        CreatedCredentials: {
            connect: {
                mqtt: string | null;
                mqtts: string | null;
                ws: string | null;
                wss: string | null;
            };
            items: {
                /** Format: uuid */
                id: string;
                username: string;
                password: string;
                topic_prefix: string;
                external_device_id: string;
            }[];
        };
        CreateCredentials: {
            /** @description Each is registered if need be */
            external_device_ids?: string[];
            /** @description Instead: the devices that have all of these tags */
            tags?: string[];
            /**
             * @description By default each is called by its device
             * @default
             */
            label?: string;
            /**
             * Format: date-time
             * @description ISO 8601
             */
            expires_at?: string;
        };
        CredentialPage: {
            items: components["schemas"]["Credential"][];
            next_cursor: string | null;
        };
        Credential: {
            /** Format: uuid */
            id: string;
            label: string;
            username: string;
            topic_prefix: string;
            /** Format: uuid */
            device_id: string | null;
            external_device_id: string | null;
            /**
             * Format: uuid
             * @description The bridge that signs in with it
             */
            integration_id: string | null;
            created_at: string;
            last_used_at: string | null;
            expires_at: string | null;
            disabled_at: string | null;
            /** Format: uuid */
            replaces: string | null;
            live_connections: number;
        };
        CreatedCredential: {
            /** Format: uuid */
            id: string;
            username: string;
            password: string;
            topic_prefix: string;
            connect: {
                mqtt: string | null;
                mqtts: string | null;
                ws: string | null;
                wss: string | null;
            };
        };
        CreateCredential: {
            /** @default  */
            label?: string;
            /** @description For one device only; registers it if need be */
            external_device_id?: string;
            /**
             * Format: date-time
             * @description ISO 8601
             */
            expires_at?: string;
        };
        UpdateCredential: {
            disabled?: boolean;
            label?: string;
        };
        RotateCredential: {
            /**
             * @description How long the old one still works
             * @default 86400
             */
            overlap_seconds?: number;
        };
        LiveConnectionPage: {
            items: components["schemas"]["LiveConnection"][];
            next_cursor: string | null;
        };
        LiveConnection: {
            /** Format: uuid */
            id: string;
            client_id: string;
            /** Format: uuid */
            credential_id: string;
            username: string;
            /** @description The credential’s */
            label: string;
            /**
             * Format: uuid
             * @description Of a credential for one device
             */
            device_id: string | null;
            external_device_id: string | null;
            /** @enum {string} */
            protocol_version: "5" | "3.1" | "3.1.1";
            /** @enum {string} */
            transport: "tcp" | "tls" | "ws" | "wss";
            remote_address: string;
            connected_at: string;
            /** @description Somebody has asked to end it */
            disconnect_asked_at: string | null;
        };
        IntegrationList: {
            items: components["schemas"]["Integration"][];
        };
        Integration: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            integration_type: "mqtt_hosted" | "mqtt_external";
            /**
             * @description Of the customer’s own broker; null for the hosted one
             * @enum {string|null}
             */
            mode: "webhook" | "subscribe" | "bridge" | "forward" | null;
            enabled: boolean;
            decoder: string;
            decoder_settings: components["schemas"]["DecoderSettings"];
            expected_topics: {
                /** @description An MQTT filter in which one + or {device} marks the device */
                topic: string;
                /**
                 * @description Left out: status or responses where that is the last level, else telemetry
                 * @enum {string}
                 */
                channel?: "telemetry" | "status" | "responses";
                /**
                 * @description Left out: the integration’s
                 * @enum {string}
                 */
                decoder?: "auto" | "json" | "value" | "senml" | "cbor" | "sparkplug_b" | "vmark" | "hex" | "expression";
                decoder_settings?: components["schemas"]["DecoderSettings"];
            }[];
            /** @description Where messages are posted, with modes webhook and forward */
            webhook_url: string | null;
            webhook: {
                /**
                 * @description Refuse requests without a valid X-NetNeural-Signature
                 * @default false
                 */
                require_signature?: boolean;
                /**
                 * @description How EMQX 4 encodes payloads; auto: as JSON if it is, else as base64 if it is
                 * @default auto
                 * @enum {string}
                 */
                emqx4_payload?: "auto" | "text" | "base64";
            } | null;
            /** @description What is subscribed to, with mode subscribe; with others where commands are sent */
            broker: {
                /** @description mqtt://, mqtts://, ws:// or wss:// */
                url: string;
                username?: string;
                /** @description Left out: one of our own, always the same */
                client_id?: string;
                /**
                 * @default 5
                 * @enum {string}
                 */
                protocol_version?: "5" | "3.1.1";
                /** @description PEM; trusted instead of the usual authorities */
                ca?: string;
                /** @description PEM */
                client_certificate?: string;
                /** @default 60 */
                keep_alive_seconds?: number;
                has_password: boolean;
                has_client_key: boolean;
            } | null;
            /** @description How the customer’s broker takes commands; null: it takes none */
            commands: {
                /** @description Where commands are published, as devices/{device}/commands; {name} is the command’s */
                topic: string;
                /** @description JSON or text with {{params.…}}, {{name}}, {{id}}, …; left out: the command as JSON */
                payload?: string;
            } | null;
            /** @description Of the connection, with mode subscribe */
            status: {
                /**
                 * @description receiving: a message within the last minute. waiting: no process has taken it up yet
                 * @enum {string}
                 */
                state: "connecting" | "connected" | "receiving" | "retrying" | "refused" | "stopped" | "waiting";
                since: string | null;
                /** @description A stable word, as bad_login */
                reason: string | null;
                /** @description In plain words */
                detail: string;
                next_try_at: string | null;
            } | null;
            auto_register: boolean;
            device_limit: number;
            created_at: string;
            /** @description Within the last eight days */
            last_message_at: string | null;
            /** @description In the last five minutes */
            messages_per_minute: number;
            /** @description Of the last five minutes’ messages; 0 to 1 */
            failed_share: number | null;
        };
        /** @description For hex its template, for expression its JSONata; the other decoders have no settings */
        DecoderSettings: components["schemas"]["FieldTemplate"] | {
            /** @description JSONata, of the parsed payload */
            expression: string;
        } | null;
        FieldTemplate: {
            /** @description Values and where they stand */
            fields: {
                /** @description What the value is called; `ts` or `timestamp` is the reading’s time */
                name: string;
                /**
                 * @description bcd: two decimal digits a byte. text: UTF-8, filled up with NUL or not
                 * @enum {string}
                 */
                type: "uint8" | "int8" | "uint16" | "int16" | "uint24" | "int24" | "uint32" | "int32" | "uint64" | "int64" | "float32" | "float64" | "bool" | "bcd" | "text";
                /** @description Bytes before it */
                offset: number;
                /** @description Bytes of a text, or of a bcd (at most 7); other types have their own */
                length?: number;
                /**
                 * @description Order of its bytes; big if it isn’t stated
                 * @enum {string}
                 */
                endian?: "big" | "little";
                /** @description Lowest bit of a bool, or of a part of an unsigned integer up to uint32; 0 is the lowest of all */
                bit?: number;
                /** @description How many bits, from `bit` on, are the value of an unsigned integer */
                bits?: number;
                /** @description A number is multiplied by this; 0.1 where tenths are sent */
                scale?: number;
                /** @description Added after `scale` */
                add?: number;
            }[];
            /**
             * @description Whether payloads are bytes or hexadecimal text. If it isn’t stated, a payload counts as text when it is made of hexadecimal digits, two for each byte that the fields reach to
             * @enum {string}
             */
            encoding?: "bytes" | "hex";
        };
        CreatedIntegration: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            integration_type: "mqtt_hosted" | "mqtt_external";
            /**
             * @description Of the customer’s own broker; null for the hosted one
             * @enum {string|null}
             */
            mode: "webhook" | "subscribe" | "bridge" | "forward" | null;
            enabled: boolean;
            decoder: string;
            decoder_settings: components["schemas"]["DecoderSettings"];
            expected_topics: {
                /** @description An MQTT filter in which one + or {device} marks the device */
                topic: string;
                /**
                 * @description Left out: status or responses where that is the last level, else telemetry
                 * @enum {string}
                 */
                channel?: "telemetry" | "status" | "responses";
                /**
                 * @description Left out: the integration’s
                 * @enum {string}
                 */
                decoder?: "auto" | "json" | "value" | "senml" | "cbor" | "sparkplug_b" | "vmark" | "hex" | "expression";
                decoder_settings?: components["schemas"]["DecoderSettings"];
            }[];
            /** @description Where messages are posted, with modes webhook and forward */
            webhook_url: string | null;
            webhook: {
                /**
                 * @description Refuse requests without a valid X-NetNeural-Signature
                 * @default false
                 */
                require_signature?: boolean;
                /**
                 * @description How EMQX 4 encodes payloads; auto: as JSON if it is, else as base64 if it is
                 * @default auto
                 * @enum {string}
                 */
                emqx4_payload?: "auto" | "text" | "base64";
            } | null;
            /** @description What is subscribed to, with mode subscribe; with others where commands are sent */
            broker: {
                /** @description mqtt://, mqtts://, ws:// or wss:// */
                url: string;
                username?: string;
                /** @description Left out: one of our own, always the same */
                client_id?: string;
                /**
                 * @default 5
                 * @enum {string}
                 */
                protocol_version?: "5" | "3.1.1";
                /** @description PEM; trusted instead of the usual authorities */
                ca?: string;
                /** @description PEM */
                client_certificate?: string;
                /** @default 60 */
                keep_alive_seconds?: number;
                has_password: boolean;
                has_client_key: boolean;
            } | null;
            /** @description How the customer’s broker takes commands; null: it takes none */
            commands: {
                /** @description Where commands are published, as devices/{device}/commands; {name} is the command’s */
                topic: string;
                /** @description JSON or text with {{params.…}}, {{name}}, {{id}}, …; left out: the command as JSON */
                payload?: string;
            } | null;
            /** @description Of the connection, with mode subscribe */
            status: {
                /**
                 * @description receiving: a message within the last minute. waiting: no process has taken it up yet
                 * @enum {string}
                 */
                state: "connecting" | "connected" | "receiving" | "retrying" | "refused" | "stopped" | "waiting";
                since: string | null;
                /** @description A stable word, as bad_login */
                reason: string | null;
                /** @description In plain words */
                detail: string;
                next_try_at: string | null;
            } | null;
            auto_register: boolean;
            device_limit: number;
            created_at: string;
            /** @description Within the last eight days */
            last_message_at: string | null;
            /** @description In the last five minutes */
            messages_per_minute: number;
            /** @description Of the last five minutes’ messages; 0 to 1 */
            failed_share: number | null;
            /** @description With modes webhook and forward: as Bearer token, or as ?token= in the URL */
            token: string | null;
            /** @description Key of the HMAC-SHA256 in X-NetNeural-Signature */
            signing_secret: string | null;
            /** @description What the customer’s broker signs in with, with mode bridge */
            bridge: {
                username: string;
                password: string;
            } | null;
        };
        CreateIntegration: {
            name: string;
            /**
             * @default mqtt_external
             * @enum {string}
             */
            integration_type?: "mqtt_external";
            /** @enum {string} */
            mode: "webhook" | "subscribe" | "bridge" | "forward";
            expected_topics: {
                /** @description An MQTT filter in which one + or {device} marks the device */
                topic: string;
                /**
                 * @description Left out: status or responses where that is the last level, else telemetry
                 * @enum {string}
                 */
                channel?: "telemetry" | "status" | "responses";
                /**
                 * @description Left out: the integration’s
                 * @enum {string}
                 */
                decoder?: "auto" | "json" | "value" | "senml" | "cbor" | "sparkplug_b" | "vmark" | "hex" | "expression";
                decoder_settings?: components["schemas"]["DecoderSettings"];
            }[];
            /**
             * @description auto: whatever describes itself. json: objects, envelopes and arrays of samples. value: a bare number, boolean or text, named by the topic’s last level. senml: RFC 8428, JSON or CBOR. cbor: as json. sparkplug_b: metrics by name. vmark: reports of V-Mark hubs. hex: binary, by a template of fields. expression: JSONata.
             * @default auto
             * @enum {string}
             */
            decoder?: "auto" | "json" | "value" | "senml" | "cbor" | "sparkplug_b" | "vmark" | "hex" | "expression";
            decoder_settings?: components["schemas"]["DecoderSettings"];
            /** @default true */
            auto_register?: boolean;
            /** @default 100000 */
            device_limit?: number;
            /** @default {} */
            webhook?: {
                /**
                 * @description Refuse requests without a valid X-NetNeural-Signature
                 * @default false
                 */
                require_signature?: boolean;
                /**
                 * @description How EMQX 4 encodes payloads; auto: as JSON if it is, else as base64 if it is
                 * @default auto
                 * @enum {string}
                 */
                emqx4_payload?: "auto" | "text" | "base64";
            };
            /** @description Needed with mode subscribe, and with others for commands */
            broker?: {
                /** @description mqtt://, mqtts://, ws:// or wss:// */
                url: string;
                username?: string;
                /** @description Left out: one of our own, always the same */
                client_id?: string;
                /**
                 * @default 5
                 * @enum {string}
                 */
                protocol_version?: "5" | "3.1.1";
                /** @description PEM; trusted instead of the usual authorities */
                ca?: string;
                /** @description PEM */
                client_certificate?: string;
                /** @default 60 */
                keep_alive_seconds?: number;
                /** @description Kept sealed, never shown. Left out in a change: stays */
                password?: string;
                /** @description PEM of the client certificate’s key. Left out in a change: stays */
                client_key?: string;
            };
            commands?: components["schemas"]["CommandForm"];
        };
        CommandForm: {
            /** @description Where commands are published, as devices/{device}/commands; {name} is the command’s */
            topic: string;
            /** @description JSON or text with {{params.…}}, {{name}}, {{id}}, …; left out: the command as JSON */
            payload?: string;
        };
        UpdateIntegration: {
            name?: string;
            enabled?: boolean;
            expected_topics?: {
                /** @description An MQTT filter in which one + or {device} marks the device */
                topic: string;
                /**
                 * @description Left out: status or responses where that is the last level, else telemetry
                 * @enum {string}
                 */
                channel?: "telemetry" | "status" | "responses";
                /**
                 * @description Left out: the integration’s
                 * @enum {string}
                 */
                decoder?: "auto" | "json" | "value" | "senml" | "cbor" | "sparkplug_b" | "vmark" | "hex" | "expression";
                decoder_settings?: components["schemas"]["DecoderSettings"];
            }[];
            /**
             * @description With its settings, which replace those there were
             * @enum {string}
             */
            decoder?: "auto" | "json" | "value" | "senml" | "cbor" | "sparkplug_b" | "vmark" | "hex" | "expression";
            decoder_settings?: components["schemas"]["DecoderSettings"];
            auto_register?: boolean;
            device_limit?: number;
            webhook?: {
                /**
                 * @description Refuse requests without a valid X-NetNeural-Signature
                 * @default false
                 */
                require_signature?: boolean;
                /**
                 * @description How EMQX 4 encodes payloads; auto: as JSON if it is, else as base64 if it is
                 * @default auto
                 * @enum {string}
                 */
                emqx4_payload?: "auto" | "text" | "base64";
            };
            /** @description Whole; but secrets that are left out stay. null, where it is for commands alone: none */
            broker?: {
                /** @description mqtt://, mqtts://, ws:// or wss:// */
                url: string;
                username?: string;
                /** @description Left out: one of our own, always the same */
                client_id?: string;
                /**
                 * @default 5
                 * @enum {string}
                 */
                protocol_version?: "5" | "3.1.1";
                /** @description PEM; trusted instead of the usual authorities */
                ca?: string;
                /** @description PEM */
                client_certificate?: string;
                /** @default 60 */
                keep_alive_seconds?: number;
                /** @description Kept sealed, never shown. Left out in a change: stays */
                password?: string;
                /** @description PEM of the client certificate’s key. Left out in a change: stays */
                client_key?: string;
            } | null;
            /** @description null: it takes none any more */
            commands?: {
                /** @description Where commands are published, as devices/{device}/commands; {name} is the command’s */
                topic: string;
                /** @description JSON or text with {{params.…}}, {{name}}, {{id}}, …; left out: the command as JSON */
                payload?: string;
            } | null;
        };
        ActivityPage: {
            items: components["schemas"]["Activity"][];
            next_cursor: string | null;
        };
        Activity: {
            id: string;
            occurred_at: string;
            event: string;
            reason: string | null;
            detail: string;
            /** Format: uuid */
            integration_id: string | null;
            /** Format: uuid */
            credential_id: string | null;
            client_id: string | null;
            username: string | null;
            remote_address: string | null;
            topic: string | null;
        };
        ReceiptList: {
            items: components["schemas"]["Receipt"][];
        };
        Receipt: {
            received_at: string;
            /** @enum {string} */
            outcome: "duplicate" | "rejected";
            reason: string | null;
            topic: string;
            client_id: string | null;
        };
        IntegrationTokenList: {
            items: components["schemas"]["IntegrationToken"][];
        };
        IntegrationToken: {
            /** Format: uuid */
            id: string;
            created_at: string;
            expires_at: string | null;
        };
        CreatedToken: {
            /** Format: uuid */
            id: string;
            token: string;
            webhook_url: string;
            /**
             * Format: date-time
             * @description ISO 8601
             */
            old_tokens_expire_at: string;
        };
        RotateToken: {
            /**
             * @description How long the tokens before it are still good
             * @default 86400
             */
            overlap_seconds?: number;
        };
        SetupGuideList: {
            items: components["schemas"]["SetupGuide"][];
        };
        SetupGuide: {
            broker: string;
            title: string;
            steps: string[];
            files: {
                name: string;
                language: string;
                text: string;
            }[];
            notes: string[];
        };
        ConnectionTest: {
            ok: boolean;
            steps: components["schemas"]["ConnectionStep"][];
        };
        ConnectionStep: {
            /** @enum {string} */
            step: "resolve" | "connect" | "tls" | "websocket" | "mqtt" | "subscribe" | "round_trip";
            ok: boolean;
            /** @description Milliseconds it took */
            ms: number;
            /** @description The topic filter of `subscribe`, the topic of `round_trip` */
            detail?: string;
            /** @description There when it failed, and with what works but not well */
            problem?: {
                /** @description Stable, as `certificate_expired` */
                code: string;
                /** @description What happened */
                message: string;
                /** @description What to do */
                advice: string;
            };
        };
        TestConnection: {
            broker: {
                /** @description mqtt://, mqtts://, ws:// or wss:// */
                url: string;
                username?: string;
                /** @description Left out: one of our own, always the same */
                client_id?: string;
                /**
                 * @default 5
                 * @enum {string}
                 */
                protocol_version?: "5" | "3.1.1";
                /** @description PEM; trusted instead of the usual authorities */
                ca?: string;
                /** @description PEM */
                client_certificate?: string;
                /** @default 60 */
                keep_alive_seconds?: number;
                /** @description Kept sealed, never shown. Left out in a change: stays */
                password?: string;
                /** @description PEM of the client certificate’s key. Left out in a change: stays */
                client_key?: string;
            };
            /**
             * @description As expected_topics
             * @default []
             */
            topics?: string[];
            /**
             * Format: uuid
             * @description Whose secrets count where the broker has none
             */
            integration_id?: string;
            /** @description A message goes there and has to come back */
            round_trip_topic?: string;
        };
        QuarantinePage: {
            items: components["schemas"]["QuarantinedMessage"][];
            next_cursor: string | null;
            /** @description With the reason that is asked for, or all */
            total: number;
        };
        QuarantinedMessage: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            integration_id: string | null;
            external_device_id: string | null;
            topic: string;
            /** @description As text when it is UTF-8 */
            payload: string | null;
            payload_base64: string;
            /** @description Its full size */
            payload_bytes: number;
            qos: number;
            retain: boolean;
            reason: string;
            detail: string;
            client_id: string | null;
            received_at: string;
        };
        DecodingPreview: {
            readings: {
                time: string | number | null;
                values: {
                    [key: string]: number | string | boolean;
                };
            }[];
            /** @description Why it would be quarantined */
            reason: string | null;
            detail: string;
        };
        PreviewDecoding: {
            /**
             * @description auto: whatever describes itself. json: objects, envelopes and arrays of samples. value: a bare number, boolean or text, named by the topic’s last level. senml: RFC 8428, JSON or CBOR. cbor: as json. sparkplug_b: metrics by name. vmark: reports of V-Mark hubs. hex: binary, by a template of fields. expression: JSONata.
             * @enum {string}
             */
            decoder: "auto" | "json" | "value" | "senml" | "cbor" | "sparkplug_b" | "vmark" | "hex" | "expression";
            decoder_settings?: components["schemas"]["DecoderSettings"];
            topic: string;
            payload_base64: string;
        };
        ReplayedQuarantine: {
            stored: number;
            duplicate: number;
            /** @description They stay, with the reason of today */
            quarantined: number;
            /** @description Not looked at this time: ask again, with the cursor */
            remaining: number;
            /** @description null when none remains */
            next_cursor: string | null;
        };
        ReplayQuarantine: {
            /** @description Left out: all with the reason, or all */
            ids?: string[];
            reason?: string;
            /** @description `next_cursor` of the replay before */
            cursor?: string;
        };
        AlertRuleList: {
            items: components["schemas"]["AlertRule"][];
        };
        AlertRule: {
            /** Format: uuid */
            id: string;
            name: string;
            severity?: components["schemas"]["Severity"];
            condition: components["schemas"]["AlertCondition"];
            /**
             * @description How long the condition has to hold; for no_data, offline and link_down how long it lasts
             * @default 0
             */
            for_seconds?: number;
            scope?: components["schemas"]["AlertScope"];
            /**
             * @description When it holds; null: always
             * @default null
             */
            schedule?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Who is notified; none: every channel that takes its severity
             * @default []
             */
            channel_ids?: string[];
            /** @default true */
            enabled?: boolean;
            open_alerts: number;
            created_at: string;
            updated_at: string;
        };
        /**
         * @default warning
         * @enum {string}
         */
        Severity: "info" | "warning" | "critical";
        AlertCondition: {
            /** @enum {string} */
            kind: "threshold";
            /** @description The key in telemetry */
            metric: string;
            /** @enum {string} */
            operator: "gt" | "gte" | "lt" | "lte";
            value: number;
            /**
             * @description How far back behind the limit a value has to be before the alert resolves
             * @default 0
             */
            hysteresis?: number;
        } | {
            /** @enum {string} */
            kind: "outside";
            /** @description The key in telemetry */
            metric: string;
            low: number;
            high: number;
            /**
             * @description How far back behind the limit a value has to be before the alert resolves
             * @default 0
             */
            hysteresis?: number;
        } | {
            /** @enum {string} */
            kind: "equals";
            /** @description The key in telemetry */
            metric: string;
            value: number | string | boolean;
            /**
             * @description Is anything but that
             * @default false
             */
            negate?: boolean;
        } | {
            /** @enum {string} */
            kind: "change";
            /** @description The key in telemetry */
            metric: string;
            by: number;
            within_seconds: number;
            /**
             * @default any
             * @enum {string}
             */
            direction?: "any" | "up" | "down";
        } | {
            /** @enum {string} */
            kind: "expression";
            /** @description Over the newest value of each metric, as temperature > 30 and humidity < 40 */
            expression: string;
        } | {
            /** @enum {string} */
            kind: "no_data";
            /** @description Left out: no reading at all */
            metric?: string;
        } | {
            /** @enum {string} */
            kind: "offline";
        } | {
            /**
             * @description The connection to a broker of the organization’s own
             * @enum {string}
             */
            kind: "link_down";
        };
        /**
         * @default {
         *       "kind": "organization"
         *     }
         */
        AlertScope: {
            /** @enum {string} */
            kind: "organization";
        } | {
            /** @enum {string} */
            kind: "devices";
            device_ids: string[];
        } | {
            /** @enum {string} */
            kind: "matching";
            /** @description All of them */
            tags?: string[];
            /** @description Of the device, * for anything */
            name?: string;
            /** Format: uuid */
            device_type_id?: string;
        };
        CreateAlertRule: {
            name: string;
            severity?: components["schemas"]["Severity"];
            condition: components["schemas"]["AlertCondition"];
            /**
             * @description How long the condition has to hold; for no_data, offline and link_down how long it lasts
             * @default 0
             */
            for_seconds?: number;
            scope?: components["schemas"]["AlertScope"];
            /**
             * @description When it holds; null: always
             * @default null
             */
            schedule?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Who is notified; none: every channel that takes its severity
             * @default []
             */
            channel_ids?: string[];
            /** @default true */
            enabled?: boolean;
        };
        BacktestResult: {
            episodes: {
                opened_at: string;
                /** @description null: it would still be open */
                cleared_at: string | null;
                value: number | string | boolean | null;
            }[];
            /** @description That were looked at */
            readings: number;
            /** @description There were more readings or episodes than are looked at */
            truncated: boolean;
        };
        Backtest: {
            condition: components["schemas"]["AlertCondition"];
            /**
             * @description How long the condition has to hold; for no_data, offline and link_down how long it lasts
             * @default 0
             */
            for_seconds?: number;
            /**
             * @description When it holds; null: always
             * @default null
             */
            schedule?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /** Format: uuid */
            device_id: string;
            /**
             * Format: date-time
             * @description ISO 8601
             */
            from: string;
            /**
             * Format: date-time
             * @description ISO 8601
             */
            to: string;
        };
        UpdateAlertRule: {
            name?: string;
            severity?: components["schemas"]["Severity"];
            condition?: components["schemas"]["AlertCondition"];
            for_seconds?: number;
            scope?: components["schemas"]["AlertScope"];
            schedule?: components["schemas"]["Schedule"];
            channel_ids?: string[];
            enabled?: boolean;
        };
        Schedule: {
            time_zone: string;
            windows: {
                /** @description 1 is Monday */
                days: number[];
                from: string;
                /** @description Earlier than from: on the next day */
                to: string;
            }[];
        } | null;
        MaintenanceWindowList: {
            items: components["schemas"]["MaintenanceWindow"][];
        };
        MaintenanceWindow: {
            /** Format: uuid */
            id: string;
            name: string;
            scope?: components["schemas"]["AlertScope"];
            /**
             * Format: date-time
             * @description ISO 8601
             */
            starts_at: string;
            /**
             * Format: date-time
             * @description ISO 8601
             */
            ends_at: string;
            created_at: string;
        };
        CreateMaintenanceWindow: {
            name: string;
            scope?: components["schemas"]["AlertScope"];
            /**
             * Format: date-time
             * @description ISO 8601
             */
            starts_at: string;
            /**
             * Format: date-time
             * @description ISO 8601
             */
            ends_at: string;
        };
        AlertPage: {
            items: components["schemas"]["Alert"][];
            next_cursor: string | null;
        };
        Alert: {
            /** Format: uuid */
            id: string;
            /**
             * Format: uuid
             * @description null: the rule was deleted
             */
            rule_id: string | null;
            rule_name: string;
            severity: components["schemas"]["Severity"];
            /** @enum {string} */
            state: "open" | "acknowledged" | "resolved";
            device: {
                /** Format: uuid */
                id: string;
                external_device_id: string;
                name: string;
            } | null;
            integration: {
                /** Format: uuid */
                id: string;
                name: string;
            } | null;
            /** @description In words, as “temperature is 31.2, above 30” */
            summary: string;
            metric: string | null;
            /** @description At which it opened */
            value: number | string | boolean | null;
            /** @description When it began, by the readings’ time */
            opened_at: string;
            /** @description When we saw it: later when readings were late */
            detected_at: string;
            /** @description Since when the condition no longer holds */
            cleared_at: string | null;
            resolved_at: string | null;
            /** @enum {string|null} */
            resolution: "cleared" | "by_hand" | "withdrawn" | "rule_changed" | "rule_disabled" | "rule_deleted" | "out_of_scope" | null;
            acknowledged_at: string | null;
            acknowledged_by: {
                /** Format: uuid */
                id: string;
                name: string;
            } | null;
            /** @description Until then nobody is notified */
            snoozed_until: string | null;
        };
        AlertCounts: {
            open: {
                info: number;
                warning: number;
                critical: number;
            };
            acknowledged: number;
        };
        AlertActionResult: {
            changed: number;
        };
        AlertAction: {
            /** @enum {string} */
            action: "acknowledge";
            alert_ids: string[];
            /** @default  */
            note?: string;
        } | {
            /** @enum {string} */
            action: "resolve";
            alert_ids: string[];
            /** @default  */
            note?: string;
        } | {
            /** @enum {string} */
            action: "snooze";
            alert_ids: string[];
            /**
             * Format: date-time
             * @description null ends it
             */
            until: string | null;
            /** @default  */
            note?: string;
        } | {
            /** @enum {string} */
            action: "note";
            alert_ids: string[];
            note: string;
        };
        AlertWithEvents: {
            /** Format: uuid */
            id: string;
            /**
             * Format: uuid
             * @description null: the rule was deleted
             */
            rule_id: string | null;
            rule_name: string;
            severity: components["schemas"]["Severity"];
            /** @enum {string} */
            state: "open" | "acknowledged" | "resolved";
            device: {
                /** Format: uuid */
                id: string;
                external_device_id: string;
                name: string;
            } | null;
            integration: {
                /** Format: uuid */
                id: string;
                name: string;
            } | null;
            /** @description In words, as “temperature is 31.2, above 30” */
            summary: string;
            metric: string | null;
            /** @description At which it opened */
            value: number | string | boolean | null;
            /** @description When it began, by the readings’ time */
            opened_at: string;
            /** @description When we saw it: later when readings were late */
            detected_at: string;
            /** @description Since when the condition no longer holds */
            cleared_at: string | null;
            resolved_at: string | null;
            /** @enum {string|null} */
            resolution: "cleared" | "by_hand" | "withdrawn" | "rule_changed" | "rule_disabled" | "rule_deleted" | "out_of_scope" | null;
            acknowledged_at: string | null;
            acknowledged_by: {
                /** Format: uuid */
                id: string;
                name: string;
            } | null;
            /** @description Until then nobody is notified */
            snoozed_until: string | null;
            events: components["schemas"]["AlertEvent"][];
        };
        AlertEvent: {
            id: string;
            at: string;
            /** @enum {string} */
            kind: "opened" | "acknowledged" | "snoozed" | "note" | "cleared" | "resolved" | "withdrawn";
            /** @description null: by itself */
            user: {
                /** Format: uuid */
                id: string;
                name: string;
            } | null;
            note: string;
        };
        NotificationChannelList: {
            items: components["schemas"]["NotificationChannel"][];
            /** @description Those that can be made here */
            kinds: ("webhook" | "email" | "slack" | "teams")[];
        };
        NotificationChannel: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "webhook" | "email" | "slack" | "teams";
            name: string;
            /** @description As much of it as is no secret; null for e-mail */
            url: string | null;
            /** @description null for others than e-mail */
            to: string[] | null;
            min_severity: components["schemas"]["Severity"];
            schedule: components["schemas"]["Schedule"];
            quiet_hours: components["schemas"]["Schedule"];
            critical_always: boolean;
            notify_resolved: boolean;
            enabled: boolean;
            created_at: string;
            /** @description The newest that was tried */
            last_delivery: {
                /**
                 * @description dead: given up, until somebody has it sent again
                 * @enum {string}
                 */
                state: "pending" | "sent" | "dead";
                attempts: number;
                at: string;
                last_error: string | null;
            } | null;
            pending: number;
            dead: number;
            /** @description Rules that name it */
            rules: number;
        };
        CreatedNotificationChannel: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "webhook" | "email" | "slack" | "teams";
            name: string;
            /** @description As much of it as is no secret; null for e-mail */
            url: string | null;
            /** @description null for others than e-mail */
            to: string[] | null;
            min_severity: components["schemas"]["Severity"];
            schedule: components["schemas"]["Schedule"];
            quiet_hours: components["schemas"]["Schedule"];
            critical_always: boolean;
            notify_resolved: boolean;
            enabled: boolean;
            created_at: string;
            /** @description The newest that was tried */
            last_delivery: {
                /**
                 * @description dead: given up, until somebody has it sent again
                 * @enum {string}
                 */
                state: "pending" | "sent" | "dead";
                attempts: number;
                at: string;
                last_error: string | null;
            } | null;
            pending: number;
            dead: number;
            /** @description Rules that name it */
            rules: number;
            /** @description Of a webhook; shown this once */
            signing_secret: string | null;
        };
        CreateNotificationChannel: {
            /** @enum {string} */
            kind: "webhook";
            /** Format: uri */
            url: string;
            name: string;
            /**
             * @description The least that it is told of by rules that name no channels
             * @default info
             * @enum {string}
             */
            min_severity?: "info" | "warning" | "critical";
            /**
             * @description Outside of it notifications wait; null: never
             * @default null
             */
            schedule?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Within them notifications wait; null: never
             * @default null
             */
            quiet_hours?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Critical alerts do not wait
             * @default true
             */
            critical_always?: boolean;
            /**
             * @description It is told when an alert is over, too
             * @default true
             */
            notify_resolved?: boolean;
            /** @default true */
            enabled?: boolean;
        } | {
            /** @enum {string} */
            kind: "email";
            /** @description E-mail addresses */
            to: string[];
            name: string;
            /**
             * @description The least that it is told of by rules that name no channels
             * @default info
             * @enum {string}
             */
            min_severity?: "info" | "warning" | "critical";
            /**
             * @description Outside of it notifications wait; null: never
             * @default null
             */
            schedule?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Within them notifications wait; null: never
             * @default null
             */
            quiet_hours?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Critical alerts do not wait
             * @default true
             */
            critical_always?: boolean;
            /**
             * @description It is told when an alert is over, too
             * @default true
             */
            notify_resolved?: boolean;
            /** @default true */
            enabled?: boolean;
        } | {
            /** @enum {string} */
            kind: "slack";
            /**
             * Format: uri
             * @description Of an incoming webhook
             */
            url: string;
            name: string;
            /**
             * @description The least that it is told of by rules that name no channels
             * @default info
             * @enum {string}
             */
            min_severity?: "info" | "warning" | "critical";
            /**
             * @description Outside of it notifications wait; null: never
             * @default null
             */
            schedule?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Within them notifications wait; null: never
             * @default null
             */
            quiet_hours?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Critical alerts do not wait
             * @default true
             */
            critical_always?: boolean;
            /**
             * @description It is told when an alert is over, too
             * @default true
             */
            notify_resolved?: boolean;
            /** @default true */
            enabled?: boolean;
        } | {
            /** @enum {string} */
            kind: "teams";
            /**
             * Format: uri
             * @description Of a workflow
             */
            url: string;
            name: string;
            /**
             * @description The least that it is told of by rules that name no channels
             * @default info
             * @enum {string}
             */
            min_severity?: "info" | "warning" | "critical";
            /**
             * @description Outside of it notifications wait; null: never
             * @default null
             */
            schedule?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Within them notifications wait; null: never
             * @default null
             */
            quiet_hours?: {
                time_zone: string;
                windows: {
                    /** @description 1 is Monday */
                    days: number[];
                    from: string;
                    /** @description Earlier than from: on the next day */
                    to: string;
                }[];
            } | null;
            /**
             * @description Critical alerts do not wait
             * @default true
             */
            critical_always?: boolean;
            /**
             * @description It is told when an alert is over, too
             * @default true
             */
            notify_resolved?: boolean;
            /** @default true */
            enabled?: boolean;
        };
        UpdateNotificationChannel: {
            name?: string;
            /** Format: uri */
            url?: string;
            /** @description E-mail addresses */
            to?: string[];
            min_severity?: components["schemas"]["Severity"];
            schedule?: components["schemas"]["Schedule"];
            quiet_hours?: components["schemas"]["Schedule"];
            critical_always?: boolean;
            notify_resolved?: boolean;
            enabled?: boolean;
        };
        NotificationTest: {
            ok: boolean;
            /** @description What the receiver said; null: nothing came */
            answer: string | null;
            problem: {
                code: string;
                message: string;
            } | null;
            ms: number;
        };
        RotatedSigningSecret: {
            signing_secret: string;
        };
        NotificationDeliveryPage: {
            items: components["schemas"]["NotificationDelivery"][];
            next_cursor: string | null;
        };
        NotificationDelivery: {
            /** Format: uuid */
            id: string;
            channel: {
                /** Format: uuid */
                id: string;
                name: string;
                /** @enum {string} */
                kind: "webhook" | "email" | "slack" | "teams";
            };
            title: string;
            /**
             * @description dead: given up, until somebody has it sent again
             * @enum {string}
             */
            state: "pending" | "sent" | "dead";
            attempts: number;
            last_error: string | null;
            /** @description null: it is not tried again by itself */
            next_try_at: string | null;
            created_at: string;
            sent_at: string | null;
            /** @description Of the alerts that it tells of in full */
            alert_ids: string[];
        };
        RetriedDeliveries: {
            retried: number;
        };
        RetryDeliveries: {
            delivery_ids: string[];
        } | {
            /**
             * Format: uuid
             * @description All of its dead ones
             */
            channel_id: string;
        };
        MemberList: {
            items: components["schemas"]["Member"][];
        };
        Member: {
            /** Format: uuid */
            user_id: string;
            name: string;
            email: string;
            /** @enum {string} */
            role: "owner" | "admin" | "member" | "viewer";
            created_at: string;
        };
        UpdateMember: {
            /** @enum {string} */
            role: "owner" | "admin" | "member" | "viewer";
        };
        InvitationList: {
            items: components["schemas"]["Invitation"][];
        };
        Invitation: {
            /** Format: uuid */
            id: string;
            email: string | null;
            /** @enum {string} */
            role: "owner" | "admin" | "member" | "viewer";
            created_at: string;
            expires_at: string;
            accepted_at: string | null;
        };
        CreatedInvitation: {
            /** Format: uuid */
            id: string;
            email: string | null;
            /** @enum {string} */
            role: "owner" | "admin" | "member" | "viewer";
            created_at: string;
            expires_at: string;
            accepted_at: string | null;
            url: string;
        };
        CreateInvitation: {
            /** Format: email */
            email?: string;
            /** @enum {string} */
            role: "owner" | "admin" | "member" | "viewer";
            /** @default 7 */
            expires_in_days?: number;
        };
        InvitationPreview: {
            organization_name: string;
            /** @enum {string} */
            role: "owner" | "admin" | "member" | "viewer";
            email: string | null;
            expires_at: string;
        };
        InvitationToken: {
            token: string;
        };
        AcceptedInvitation: {
            /** Format: uuid */
            organization_id: string;
        };
        AcceptInvitation: {
            token: string;
            account?: {
                name: string;
                /** Format: email */
                email: string;
                password: string;
            };
        };
        ApiKeyList: {
            items: components["schemas"]["ApiKey"][];
        };
        ApiKey: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            role: "admin" | "member" | "viewer";
            key_prefix: string;
            created_at: string;
            last_used_at: string | null;
            expires_at: string | null;
            revoked_at: string | null;
        };
        CreatedApiKey: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            role: "admin" | "member" | "viewer";
            key_prefix: string;
            created_at: string;
            last_used_at: string | null;
            expires_at: string | null;
            revoked_at: string | null;
            key: string;
        };
        CreateApiKey: {
            name: string;
            /** @enum {string} */
            role: "admin" | "member" | "viewer";
            /**
             * Format: date-time
             * @description ISO 8601
             */
            expires_at?: string;
        };
        EventStreamItem: {
            /** @enum {string} */
            event: "reading";
            id: string;
            data: components["schemas"]["ReadingEvent"];
        } | {
            /** @enum {string} */
            event: "presence";
            id: string;
            data: components["schemas"]["PresenceEvent"];
        } | {
            /** @enum {string} */
            event: "integration";
            id: string;
            data: components["schemas"]["IntegrationEvent"];
        } | {
            /** @enum {string} */
            event: "command";
            id: string;
            data: components["schemas"]["CommandEvent"];
        } | {
            /** @enum {string} */
            event: "alert";
            id: string;
            data: components["schemas"]["AlertChange"];
        } | {
            /** @enum {string} */
            event: "reset";
            id: string;
            data: Record<string, never>;
        };
        ReadingEvent: {
            /** Format: uuid */
            device_id: string;
            recorded_at: string;
            received_at: string;
            telemetry: {
                [key: string]: number | string | boolean;
            };
        };
        PresenceEvent: {
            /** Format: uuid */
            device_id: string;
            external_device_id: string;
            /** @enum {string} */
            presence: "online" | "late" | "offline" | "unknown";
            since: string;
            reason: string;
            last_seen_at: string | null;
        };
        IntegrationEvent: {
            id: string;
            occurred_at: string;
            event: string;
            reason: string | null;
            detail: string;
            /** Format: uuid */
            integration_id: string | null;
            /** Format: uuid */
            credential_id: string | null;
            client_id: string | null;
            username: string | null;
            remote_address: string | null;
            topic: string | null;
            /** @enum {string} */
            kind: "activity";
        } | {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            integration_id: string | null;
            external_device_id: string | null;
            topic: string;
            reason: string;
            detail: string;
            client_id: string | null;
            received_at: string;
            /** @enum {string} */
            kind: "quarantined";
        } | {
            /** @enum {string} */
            kind: "status";
            /** Format: uuid */
            integration_id: string;
            /** @enum {string} */
            state: "connecting" | "connected" | "retrying" | "refused" | "stopped";
            since: string;
            reason: string | null;
            detail: string;
            next_try_at: string | null;
        };
        CommandEvent: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            device_id: string;
            external_device_id: string;
            name: string;
            /** @enum {string} */
            state: "queued" | "published" | "delivered" | "acknowledged" | "succeeded" | "failed" | "expired" | "cancelled" | "undeliverable";
            /** @description Why it is there, a stable word as device_away */
            reason: string | null;
            /** @description In plain words */
            detail: string;
            supersede_key: string | null;
            /** @description How often it was tried to be sent */
            attempts: number;
            /** @description Who asked for it */
            requested_by: {
                /** @enum {string} */
                kind: "user" | "api_key" | "sql";
                /** Format: uuid */
                id: string | null;
            };
            /**
             * Format: uuid
             * @description The command that this one repeats
             */
            sent_again_of: string | null;
            created_at: string;
            expires_at: string;
            published_at: string | null;
            delivered_at: string | null;
            acknowledged_at: string | null;
            finished_at: string | null;
            params?: unknown;
            result?: unknown;
            truncated: boolean;
        };
        AlertChange: {
            /** Format: uuid */
            id: string;
            /**
             * Format: uuid
             * @description null: the rule was deleted
             */
            rule_id: string | null;
            rule_name: string;
            severity: components["schemas"]["Severity"];
            /** @enum {string} */
            state: "open" | "acknowledged" | "resolved";
            device: {
                /** Format: uuid */
                id: string;
                external_device_id: string;
                name: string;
            } | null;
            integration: {
                /** Format: uuid */
                id: string;
                name: string;
            } | null;
            /** @description In words, as “temperature is 31.2, above 30” */
            summary: string;
            /** @description When it began, by the readings’ time */
            opened_at: string;
            /** @description When we saw it: later when readings were late */
            detected_at: string;
            /** @description Since when the condition no longer holds */
            cleared_at: string | null;
            /** @enum {string|null} */
            resolution: "cleared" | "by_hand" | "withdrawn" | "rule_changed" | "rule_disabled" | "rule_deleted" | "out_of_scope" | null;
            /** @description Until then nobody is notified */
            snoozed_until: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getPlatform: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The platform */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformInfo"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupRequest"];
            };
        };
        responses: {
            /** @description Set up and signed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Signed in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description Changed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOrganizations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Organizations by name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganizationList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createOrganization: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateOrganization"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organization"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOrganization: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The organization */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organization"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateOrganization: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateOrganization"];
            };
        };
        responses: {
            /** @description Updated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organization"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOverview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The overview */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Addresses and topic prefix */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its health */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformHealth"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getUsage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Each limit with what is used of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTags: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tags */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tagDevices: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagDevices"];
            };
        };
        responses: {
            /** @description What each is tagged with now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaggedDevices"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportDevices: {
        parameters: {
            query?: {
                external_device_id?: string;
                /** @description Part of the name or of external_device_id */
                search?: string;
                presence?: "online" | "late" | "offline" | "unknown";
                device_type_id?: string;
                /** @description Given several times, a device has all of them */
                tag?: string[];
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description external_device_id, name, type, tags, presence, last_seen_at, created_at */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportTelemetry: {
        parameters: {
            query?: {
                /** @description Default: 24 hours before `to` */
                from?: string;
                /** @description Default: now */
                to?: string;
                /** @description Names, separated by commas; all without it */
                metrics?: string;
                format?: "csv" | "ndjson";
            };
            header?: never;
            path: {
                org: string;
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Readings; X-Expected-Rows says how many at most, where that can be told */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportTelemetryOfMany: {
        parameters: {
            query?: {
                /** @description Default: 24 hours before `to` */
                from?: string;
                /** @description Default: now */
                to?: string;
                /** @description Names, separated by commas; all without it */
                metrics?: string;
                format?: "csv" | "ndjson";
                /** @description Ids; or `tag` */
                device?: string[];
                /** @description Of devices that have all of them */
                tag?: string[];
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Readings; X-Expected-Rows says how many at most, where that can be told */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importDevices: {
        parameters: {
            query?: {
                /** @description Nothing is changed; the answer says what would be */
                preview?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        /** @description Up to 10,000 lines and 2 MB, with the columns external_device_id, name, type, tags */
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description What was done, or would be */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportedDevices"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDevices: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                external_device_id?: string;
                /** @description Part of the name or of external_device_id */
                search?: string;
                presence?: "online" | "late" | "offline" | "unknown";
                device_type_id?: string;
                /** @description Given several times, a device has all of them */
                tag?: string[];
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of devices */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DevicePage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createDevice: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateDevice"];
            };
        };
        responses: {
            /** @description Registered */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The device */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                device: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateDevice"];
            };
        };
        responses: {
            /** @description Updated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeviceMessages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceMessages"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTelemetry: {
        parameters: {
            query?: {
                /** @description Default: 24 hours before `to` */
                from?: string;
                /** @description Default: now */
                to?: string;
                /** @description Names, separated by commas; all without it */
                metrics?: string;
                resolution?: "raw" | "1m" | "1h" | "1d" | "auto";
                /** @description What `auto` keeps to: the finest resolution that has no more of them */
                points?: number;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                org: string;
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of readings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TelemetryPage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeviceCommands: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                /** @description One or several, separated by commas; undeliverable are the dead letters */
                state?: string;
                name?: string;
            };
            header?: never;
            path: {
                org: string;
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of commands */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandPage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createCommand: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of the organization: a repeat with the same device, name and params finds the command that is there */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
                device: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCommand"];
            };
        };
        responses: {
            /** @description It has ended so */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            /** @description It is under way; Location says where to look */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listCommands: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                /** @description One or several, separated by commas; undeliverable are the dead letters */
                state?: string;
                name?: string;
                device_id?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of commands */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandPage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createCommands: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCommands"];
            };
        };
        responses: {
            /** @description A command for each device */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCommand: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                command: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The command */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelCommand: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                command: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Called off */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sendCommandAgain: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of the organization: a repeat with the same device, name and params finds the command that is there */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
                command: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new command; Location says where to look */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeviceTypes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceTypeList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createDeviceType: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateDeviceType"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceType"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDeviceType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The device type */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceType"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteDeviceType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateDeviceType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                type: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateDeviceType"];
            };
        };
        responses: {
            /** @description Updated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceType"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createCredentials: {
        parameters: {
            query?: {
                format?: "json" | "csv";
            };
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCredentials"];
            };
        };
        responses: {
            /** @description Made, as JSON or CSV */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedCredentials"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listCredentials: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of credentials */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialPage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createCredential: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCredential"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedCredential"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                credential: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credential */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                credential: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                credential: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateCredential"];
            };
        };
        responses: {
            /** @description Updated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateCredential: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
                credential: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateCredential"];
            };
        };
        responses: {
            /** @description The successor, its password shown this once */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedCredential"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listConnections: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                credential_id?: string;
                /** @description Part of the client id or of the address */
                search?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of connections */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveConnectionPage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    disconnect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                connection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The gateway that holds it has been told */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listIntegrations: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Integrations by age */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createIntegration: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateIntegration"];
            };
        };
        responses: {
            /** @description Created; its secrets are shown this once */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedIntegration"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getIntegration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                integration: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The integration */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteIntegration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                integration: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateIntegration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                integration: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateIntegration"];
            };
        };
        responses: {
            /** @description Updated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listActivity: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                credential_id?: string;
            };
            header?: never;
            path: {
                org: string;
                integration: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of activity */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActivityPage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReceipts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                integration: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Receipts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiptList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listIntegrationTokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                integration: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tokens, without what they are */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationTokenList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateIntegrationToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
                integration: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateToken"];
            };
        };
        responses: {
            /** @description The token, shown this once */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedToken"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteIntegrationToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                integration: string;
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getIntegrationSetup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                integration: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A guide for each broker that fits, best first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetupGuideList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestConnection"];
            };
        };
        responses: {
            /** @description The steps up to the first that failed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionTest"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listQuarantine: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                reason?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages, each payload cut at 4 KiB */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinePage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getQuarantinedMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                message: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinedMessage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteQuarantinedMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                message: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Discarded */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    previewDecoding: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewDecoding"];
            };
        };
        responses: {
            /** @description Its readings, or why there are none */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecodingPreview"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replayQuarantine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayQuarantine"];
            };
        };
        responses: {
            /** @description What became of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayedQuarantine"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAlertRules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRuleList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createAlertRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateAlertRule"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    backtestAlertRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Backtest"];
            };
        };
        responses: {
            /** @description When it would have fired */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BacktestResult"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAlertRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                rule: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteAlertRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                rule: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateAlertRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                rule: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateAlertRule"];
            };
        };
        responses: {
            /** @description Updated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMaintenanceWindows: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The latest 500 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaintenanceWindowList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createMaintenanceWindow: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateMaintenanceWindow"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaintenanceWindow"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteMaintenanceWindow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                window: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAlerts: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                /** @description One or several, separated by commas */
                state?: string;
                /** @description One or several, separated by commas */
                severity?: string;
                device_id?: string;
                rule_id?: string;
                /** @description Those that were not over by then */
                from?: string;
                /** @description Those that had begun by then */
                to?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of alerts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertPage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    countAlerts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By severity */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertCounts"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actOnAlerts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertAction"];
            };
        };
        responses: {
            /** @description How many it changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertActionResult"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAlert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                alert: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alert */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertWithEvents"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNotificationChannels: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Channels by age */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationChannelList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createNotificationChannel: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateNotificationChannel"];
            };
        };
        responses: {
            /** @description Created; its signing secret is shown this once */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedNotificationChannel"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getNotificationChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The channel */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationChannel"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteNotificationChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateNotificationChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateNotificationChannel"];
            };
        };
        responses: {
            /** @description Updated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationChannel"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testNotificationChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What became of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationTest"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateSigningSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The secret; it is shown this once */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RotatedSigningSecret"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeliveriesOfChannel: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                /** @description dead: given up, until somebody has it sent again */
                state?: "pending" | "sent" | "dead";
            };
            header?: never;
            path: {
                org: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationDeliveryPage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                /** @description dead: given up, until somebody has it sent again */
                state?: "pending" | "sent" | "dead";
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationDeliveryPage"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryDeliveries: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetryDeliveries"];
            };
        };
        responses: {
            /** @description They are sent shortly */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetriedDeliveries"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                delivery: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is sent shortly */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationDelivery"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMembers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Members by name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateMember"];
            };
        };
        responses: {
            /** @description Updated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listInvitations: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Invitations */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createInvitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateInvitation"];
            };
        };
        responses: {
            /** @description Invited */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedInvitation"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                invitation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdrawn */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    previewInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationToken"];
            };
        };
        responses: {
            /** @description The invitation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationPreview"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    acceptInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptInvitation"];
            };
        };
        responses: {
            /** @description Accepted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedInvitation"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listApiKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Keys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body within 24 hours is answered as the first was */
                "idempotency-key"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateApiKey"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description The id of the last event received */
                "last-event-id"?: string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of events; the schema is of one, `data` being JSON text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventStreamItem"];
                };
            };
            /** @description What is wrong, as a problem detail (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
