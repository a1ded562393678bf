// Generated from controlplane/httpapi/openapi.yaml by "npm run generate". Do not edit.

export interface paths {
    "/api/v1/sign-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open an account and sign its first user in
         * @description Sets the session cookies, as signing in does. The account has a project in every region, named after the region.
         */
        post: operations["signUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in to the console */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Renew the session's access cookie with its refresh cookie
         * @description The refresh cookie is rotated. Using an old one again ends the session, save for an immediate retry (10 s) of a lost answer.
         */
        post: operations["refreshSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Sign out */
        delete: operations["signOut"];
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
        /** Who am I */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the caller's access keys */
        get: operations["listAccessKeys"];
        put?: never;
        /**
         * Create an access key for the caller
         * @description A user has at most two. The secret is in this answer and nowhere else.
         */
        post: operations["createAccessKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-keys/{access_key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                access_key: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete an access key; requests signed with it are refused from now on */
        delete: operations["deleteAccessKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is the service activated for the caller's account */
        get: operations["getService"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service/activation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Activate DMS for the caller's account
         * @description Costs nothing by itself; queues and calls are billed as the price book says. Repeating it changes nothing.
         */
        put: operations["activateService"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List regions and their endpoints */
        get: operations["listRegions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/quotas": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        /** Quotas of a project and their use */
        get: operations["getQuotas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        /** List queues with their counters, by name */
        get: operations["listQueues"];
        put?: never;
        /**
         * Create a queue
         * @description It can be used on every connected node when the answer returns, and is billed from now on.
         */
        post: operations["createQueue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        /** Show a queue with its counters */
        get: operations["getQueue"];
        put?: never;
        post?: never;
        /**
         * Delete a queue, its groups and all its messages
         * @description Cannot be undone. Billing stops with the hour that has begun.
         */
        delete: operations["deleteQueue"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        /** List the consumer groups of a queue with their counters, in order of creation */
        get: operations["listGroups"];
        put?: never;
        /**
         * Create a consumer group
         * @description It begins at the oldest message that is kept.
         */
        post: operations["createGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a consumer group with its position and dead letters */
        delete: operations["deleteGroup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send messages, all or none
         * @description When the answer returns the messages survive any crash (KAFKA_HT excepted).
         */
        post: operations["sendMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/receive": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive messages for a consumer group
         * @description Waits for the first message at most wait_seconds. An empty answer is free.
         */
        post: operations["receiveMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Acknowledge or fail received messages, in order
         * @description Stops at the first handler that is not good; none after it is accepted.
         */
        post: operations["settleMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/dead-letters/receive": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Receive dead letters of a consumer group */
        post: operations["receiveDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/dead-letters/settle": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Acknowledge dead letters, in order */
        post: operations["settleDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The prices that hold now */
        get: operations["getPrices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The account's bill of a month, up to this minute */
        get: operations["getBill"];
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
        Problem: {
            /** @description A URI reference: the kind of problem. */
            type: string;
            title: string;
            status: number;
            /** @description What went wrong and what to do. */
            detail?: string;
            instance?: string;
            /** @description Stable; programs decide by it. */
            code: string;
            request_id: string;
            errors?: {
                /** @description JSON pointer into the request, or the name of a parameter. */
                pointer: string;
                detail: string;
            }[];
        };
        /** @description Unique on the platform; also the Keystone domain name. */
        AccountName: string;
        /**
         * Format: password
         * @description 8 to 128 characters of any kind.
         */
        Password: string;
        QueueName: string;
        GroupName: string;
        /** @enum {string} */
        QueueMode: "NORMAL" | "FIFO" | "KAFKA_HA" | "KAFKA_HT";
        SignUpRequest: {
            account_name: components["schemas"]["AccountName"];
            /** Format: email */
            email: string;
            password: components["schemas"]["Password"];
        };
        SignInRequest: {
            /** @description The e-mail address, or the account name for its first user, or "account name/user name". */
            login: string;
            /** Format: password */
            password: string;
        };
        Me: {
            account: {
                id: string;
                name: string;
            };
            user: {
                id: string;
                name: string;
                email?: string;
            };
            projects: components["schemas"]["Project"][];
            /**
             * Format: date-time
             * @description When the access cookie must be renewed; absent for other credentials.
             */
            session_expires_at?: string;
        };
        Project: {
            id: string;
            name: string;
            region: string;
        };
        AccessKey: {
            access_key: string;
            description?: string;
            /** Format: date-time */
            created_at: string;
        };
        CreatedAccessKey: {
            access_key: string;
            secret_key: string;
            description?: string;
            /** Format: date-time */
            created_at: string;
        };
        Service: {
            activated: boolean;
            /** Format: date-time */
            activated_at?: string;
        };
        Region: {
            name: string;
            /** @description Base URL for DMS clients of this region. */
            endpoint: string;
        };
        Quotas: {
            queues: {
                limit: number;
                used: number;
            };
            groups_per_queue: {
                limit: number;
            };
        };
        CreateQueueRequest: {
            name: components["schemas"]["QueueName"];
            mode?: components["schemas"]["QueueMode"];
            description?: string;
            /** @description After how many failed consumptions a message becomes a dead letter. Absent: never. NORMAL and FIFO only. */
            max_consume_count?: number;
            /** @description KAFKA modes only; default 72. */
            retention_hours?: number;
            /** @description Consumer groups to create with the queue, all or nothing. How many a queue may have is in the quotas of the project: 3 unless the operator said otherwise. */
            groups?: components["schemas"]["GroupName"][];
        };
        Queue: {
            /** Format: uuid */
            id: string;
            name: string;
            description?: string;
            mode: components["schemas"]["QueueMode"];
            /** @description Absent: no dead letters. */
            max_consume_count?: number;
            retention_hours: number;
            /** Format: date-time */
            created_at: string;
            tags: {
                key: string;
                value: string;
            }[];
            /** @description Absent in the answer of a create. */
            counters?: components["schemas"]["QueueCounters"];
        };
        QueueCounters: {
            /**
             * Format: int64
             * @description Messages kept now.
             */
            messages: number;
            /**
             * Format: int64
             * @description Size of their bodies and attributes.
             */
            bytes: number;
            groups: number;
        };
        Group: {
            id: string;
            name: string;
            /** Format: date-time */
            created_at: string;
            counters?: components["schemas"]["GroupCounters"];
        };
        GroupCounters: {
            /**
             * Format: int64
             * @description Messages of the queue that are kept now.
             */
            produced: number;
            /** Format: int64 */
            consumed: number;
            /** Format: int64 */
            available: number;
            /** Format: int64 */
            in_flight: number;
            /** Format: int64 */
            dead_produced: number;
            /** Format: int64 */
            dead_available: number;
        };
        SendRequest: {
            messages: {
                /** @description Any JSON value. */
                body: unknown;
                attributes?: {
                    [key: string]: unknown;
                };
                labels?: string[];
                /** Format: int64 */
                delay_ms?: number;
            }[];
        };
        ReceiveRequest: {
            /** @default 10 */
            max_messages?: number;
            /** @default 3 */
            wait_seconds?: number;
            /** @default 30 */
            ack_wait_seconds?: number;
            labels?: string[];
            /**
             * @default any
             * @enum {string}
             */
            label_match?: "any" | "all";
        };
        ReceiveDeadLettersRequest: {
            /** @default 10 */
            max_messages?: number;
            /** @default 3 */
            wait_seconds?: number;
            /** @default 30 */
            ack_wait_seconds?: number;
        };
        ReceivedMessages: {
            messages: {
                /** Format: uuid */
                id: string;
                /** @description The JSON value as it was sent. */
                body: unknown;
                attributes?: {
                    [key: string]: unknown;
                };
                labels?: string[];
                /** @description Settle the message with it before the ack wait is over. */
                handler: string;
                receive_count: number;
                /** Format: date-time */
                sent_at: string;
            }[];
        };
        SettleRequest: {
            messages: {
                handler: string;
                /**
                 * @description true: consumption failed; the message may be redelivered.
                 * @default false
                 */
                failed?: boolean;
            }[];
        };
        Settled: {
            accepted: number;
            rejected: number;
        };
        Prices: {
            currency: string;
            queue: components["schemas"]["Price"];
            api_call: components["schemas"]["Price"];
            /** @description Free calls per account and calendar month, decimal string. */
            free_api_calls: string;
        };
        Price: {
            /** @description Decimal string in the currency. */
            amount: string;
            /** @description How many units the amount is for, decimal string. */
            per: string;
            unit: string;
        };
        Bill: {
            account_id: string;
            account_name: string;
            month: string;
            currency: string;
            /** @enum {string} */
            status: "open" | "draft" | "final";
            queue_hours: string;
            /** @description All counted calls. */
            api_calls: string;
            /** @description Those of them that are free. */
            free_api_calls: string;
            lines: components["schemas"]["BillLine"][];
            rounding: string;
            total: string;
        };
        BillLine: {
            /** @enum {string} */
            meter: "queue_hours" | "api_calls";
            project_id: string;
            user_id: string;
            /** @description "" for calls that name no queue. */
            queue_id: string;
            quantity: string;
            unit: string;
            unit_price: string;
            amount: string;
            /** @description false: the hour is still running, or not closed yet. */
            closed: boolean;
        };
    };
    responses: {
        /** @description The request failed; nothing was changed unless the text says so. */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        ProjectId: string;
        QueueId: string;
        GroupId: string;
        PageSize: number;
        /** @description next_page_token of the page before. */
        PageToken: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    signUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignUpRequest"];
            };
        };
        responses: {
            /** @description The account is open and its first user is signed in. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
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
                "application/json": components["schemas"]["SignInRequest"];
            };
        };
        responses: {
            /** @description Signed in. The session is in the cookies. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    refreshSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Renewed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
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
            /** @description The session has ended and its cookies are cleared. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
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
            /** @description The caller. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAccessKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most two; secrets are never shown again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        access_keys: components["schemas"]["AccessKey"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    description?: string;
                };
            };
        };
        responses: {
            /** @description The key and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedAccessKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                access_key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getService: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state of the service for this account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Service"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    activateService: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Activated. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Service"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRegions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All regions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        regions: components["schemas"]["Region"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getQuotas: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The quotas. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Quotas"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listQueues: {
        parameters: {
            query?: {
                page_size?: components["parameters"]["PageSize"];
                /** @description next_page_token of the page before. */
                page_token?: components["parameters"]["PageToken"];
            };
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        queues: components["schemas"]["Queue"][];
                        /** @description Absent on the last page. */
                        next_page_token?: string;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateQueueRequest"];
            };
        };
        responses: {
            /** @description The queue. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queue. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listGroups: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All groups of the queue. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        groups: components["schemas"]["Group"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: components["schemas"]["GroupName"];
                };
            };
        };
        responses: {
            /** @description The group. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    sendMessages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendRequest"];
            };
        };
        responses: {
            /** @description Stored. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        messages: {
                            /** Format: uuid */
                            id: string;
                        }[];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    receiveMessages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ReceiveRequest"];
            };
        };
        responses: {
            /** @description What there was. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceivedMessages"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    settleMessages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettleRequest"];
            };
        };
        responses: {
            /** @description How many were accepted, and how many were not. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settled"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    receiveDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ReceiveDeadLettersRequest"];
            };
        };
        responses: {
            /** @description What there was. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceivedMessages"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    settleDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettleRequest"];
            };
        };
        responses: {
            /** @description How many were accepted, and how many were not. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settled"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPrices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The price version in force. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Prices"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getBill: {
        parameters: {
            query?: {
                /** @description A calendar month of the billing zone, YYYY-MM. Default: the present one. */
                month?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bill. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bill"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
