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
        /**
         * Look at the messages of a queue without changing anything
         * @description Free. Shows what is kept, also what every group has settled. Delayed and prepared messages have no place yet and are not shown.
         */
        get: operations["browseMessages"];
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
    "/api/v1/projects/{project_id}/queues/{queue_id}/prepared": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        /** List the prepared messages that wait for their decision */
        get: operations["listPrepared"];
        put?: never;
        /**
         * Store messages that nobody is given before they are committed
         * @description The first half of a send that must happen together with a change elsewhere. Delays begin with the commit.
         */
        post: operations["prepareMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/prepared/{prepared_id}/commit": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                /** @description The id that the answer of prepareMessages gave. */
                prepared_id: components["parameters"]["PreparedId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send prepared messages
         * @description Final. May be repeated for 24 hours; after a rollback it is refused as a conflict (prepared_decided).
         */
        post: operations["commitPrepared"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/prepared/{prepared_id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                /** @description The id that the answer of prepareMessages gave. */
                prepared_id: components["parameters"]["PreparedId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase prepared messages
         * @description Final. May be repeated for 24 hours; after a commit it is refused as a conflict (prepared_decided).
         */
        post: operations["rollbackPrepared"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/purge": {
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
         * Erase all messages of a queue, for all its groups
         * @description Cannot be undone. Delayed messages go too; prepared ones and dead letters stay. What is sent meanwhile may stay or go.
         */
        post: operations["purgeMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        /** Counters of a queue */
        get: operations["getQueueStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/statistics": {
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
        /** Counters of a consumer group */
        get: operations["getGroupStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/seek": {
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
         * Move a consumer group to another place in the queue
         * @description Everything from there on counts as never delivered, everything before it as settled. Handlers of messages that were received before are no good any more; dead letters stay.
         */
        post: operations["seekGroup"];
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
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/extend": {
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
         * Keep received messages hidden for longer
         * @description From now on, each stays hidden for its ack_wait_seconds; its handler stays the same. Each is judged by itself.
         */
        post: operations["extendMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/redrive": {
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
        /** How the latest redrive with a rate is coming along */
        get: operations["getRedrive"];
        put?: never;
        /**
         * Give dead letters back to their consumer group
         * @description They keep their ids and their history; their failures count anew. With per_second the work goes on after the answer, and until its end another redrive is a conflict (redrive_running).
         */
        post: operations["redriveDeadLetters"];
        /** Stop the redrive that is running; what was given back stays so */
        delete: operations["stopRedrive"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/dead-letters": {
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
        /**
         * Look at the dead letters of a consumer group without changing anything
         * @description Free.
         */
        get: operations["browseDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/dead-letters/purge": {
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
         * Erase all dead letters of a consumer group
         * @description Cannot be undone.
         */
        post: operations["purgeDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/dead-letters/extend": {
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
        /** Keep received dead letters hidden for longer */
        post: operations["extendDeadLetters"];
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
            messages: components["schemas"]["NewMessage"][];
        };
        NewMessage: {
            /** @description Any JSON value. */
            body: unknown;
            attributes?: {
                [key: string]: unknown;
            };
            labels?: string[];
            /** Format: int64 */
            delay_ms?: number;
            /** @description FIFO queues only. Messages of one key are delivered in order; different keys go on beside each other. */
            ordering_key?: string;
            /** @description Stored only if the queue took no message with this id within the deduplication window (5 minutes unless the operator said otherwise). */
            deduplication_id?: string;
        };
        SentMessages: {
            messages: {
                /** Format: uuid */
                id: string;
                /** @description true: an earlier message has the same deduplication_id. It was not stored again; id is the earlier one. */
                duplicate: boolean;
            }[];
        };
        PrepareRequest: {
            messages: {
                /** @description Any JSON value. */
                body: unknown;
                attributes?: {
                    [key: string]: unknown;
                };
                labels?: string[];
                /** Format: int64 */
                delay_ms?: number;
                /** @description FIFO queues only. Messages of one key are delivered in order; different keys go on beside each other. */
                ordering_key?: string;
            }[];
            /**
             * @description How long to wait for the decision.
             * @default 3600
             */
            timeout_seconds?: number;
            /**
             * @description What happens when nobody has decided by then.
             * @default rollback
             * @enum {string}
             */
            on_timeout?: "rollback" | "commit";
        };
        Prepared: {
            /** Format: uuid */
            id: string;
            messages: number;
            /**
             * Format: int64
             * @description Size of their bodies and attributes.
             */
            bytes: number;
            /** Format: date-time */
            prepared_at: string;
            /** Format: date-time */
            decide_by: string;
            /** @enum {string} */
            on_timeout: "rollback" | "commit";
        };
        PreparedPage: {
            prepared: components["schemas"]["Prepared"][];
            /** @description Absent on the last page. */
            next_page_token?: string;
        };
        CommittedMessages: {
            messages: {
                /** Format: uuid */
                id: string;
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
                ordering_key?: string;
                /**
                 * Format: int64
                 * @description Place in the queue, or among the dead letters; later ones have greater positions.
                 */
                position?: number;
                /** Format: date-time */
                sent_at: string;
                /**
                 * Format: date-time
                 * @description When the group was first given the message.
                 */
                first_received_at?: string;
                death?: components["schemas"]["Death"];
            }[];
        };
        /** @description Why a message became a dead letter. A redriven message keeps it. */
        Death: {
            /** @description Failed consumptions before it. */
            failures: number;
            /** Format: date-time */
            first_failure_at: string;
            /**
             * Format: date-time
             * @description When it became a dead letter.
             */
            last_failure_at: string;
            /**
             * @description How the last consumption failed: the consumer said so, or the ack wait passed.
             * @enum {string}
             */
            reason: "refused" | "timed_out";
            /** @description How often it was given back before it became a dead letter. */
            redriven: number;
        };
        BrowsedMessages: {
            messages: {
                /** Format: uuid */
                id: string;
                /** @description The JSON value as it was sent. */
                body: unknown;
                attributes?: {
                    [key: string]: unknown;
                };
                labels?: string[];
                ordering_key?: string;
                /** Format: int64 */
                position: number;
                /** Format: date-time */
                sent_at: string;
                /** Format: date-time */
                available_at: string;
                /** Format: date-time */
                expires_at: string;
                death?: components["schemas"]["Death"];
            }[];
            /**
             * Format: int64
             * @description Where to go on. Absent at the end.
             */
            next_position?: number;
        };
        SettleRequest: {
            messages: {
                handler: string;
                /**
                 * @description true: consumption failed; the message may be redelivered.
                 * @default false
                 */
                failed?: boolean;
                /**
                 * Format: int64
                 * @description Of a failure only: the message is redelivered after this time at the earliest. A FIFO key waits for it.
                 */
                delay_ms?: number;
            }[];
        };
        Settled: {
            accepted: number;
            rejected: number;
        };
        ExtendRequest: {
            messages: {
                handler: string;
                ack_wait_seconds: number;
            }[];
        };
        Extended: {
            /** @description In the order of the request. */
            results: {
                extended: boolean;
                /** @description Why not, as in a problem: handler_unknown, handler_instance or handler_mismatch. */
                code?: string;
                detail?: string;
            }[];
        };
        /** @description Exactly one of these says where to. */
        SeekRequest: {
            /** @enum {string} */
            to?: "earliest" | "latest";
            /**
             * Format: date-time
             * @description The first message that became available at or after it.
             */
            time?: string;
            /**
             * Format: int64
             * @description That message, or the first behind it.
             */
            position?: number;
        };
        Purged: {
            /** Format: int64 */
            purged: number;
        };
        /** @description Either message_ids, or the oldest ones: max of them, at per_second. Without any of them: all that are there now, at once. Those that are being consumed are passed over. */
        RedriveRequest: {
            message_ids?: string[];
            /** Format: int64 */
            max?: number;
            per_second?: number;
        };
        Redriven: {
            /** Format: int64 */
            moved: number;
        };
        RedriveStatus: {
            running: boolean;
            /**
             * Format: int64
             * @description Given back by this redrive so far.
             */
            moved: number;
            /**
             * Format: int64
             * @description At most so many more.
             */
            remaining: number;
            per_second: number;
            /**
             * Format: date-time
             * @description Absent: there was none.
             */
            started_at?: string;
        };
        QueueStatistics: {
            /**
             * Format: int64
             * @description Kept now, delayed ones included, prepared ones not.
             */
            messages: number;
            /**
             * Format: int64
             * @description Size of their bodies and attributes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Of messages, those that are not available yet.
             */
            delayed: number;
            /**
             * Format: int64
             * @description Messages that wait for their decision.
             */
            prepared: number;
            /**
             * Format: int64
             * @description Taken in since the queue exists; prepared ones from their commit on.
             */
            produced: number;
            /**
             * Format: double
             * @description Since the oldest message that is kept became available; 0: there is none.
             */
            oldest_age_seconds: number;
        };
        GroupStatistics: {
            /**
             * Format: int64
             * @description Messages of the queue that are kept now.
             */
            produced: number;
            /**
             * Format: int64
             * @description Settled by the group since it exists: acknowledged, or moved to its dead letters.
             */
            consumed: number;
            /**
             * Format: int64
             * @description Given up without an acknowledgement since the group exists: expired, purged, passed over for labels or by a seek.
             */
            skipped: number;
            /**
             * Format: int64
             * @description Kept, available and not consumed; those in flight and postponed included.
             */
            available: number;
            /**
             * Format: int64
             * @description Delivered and not settled yet.
             */
            in_flight: number;
            /**
             * Format: int64
             * @description Failed with a delay that has not passed.
             */
            postponed: number;
            /**
             * Format: int64
             * @description Dead letters since the group exists.
             */
            dead_produced: number;
            /**
             * Format: int64
             * @description Dead letters kept and not consumed.
             */
            dead_available: number;
            /**
             * Format: int64
             * @description Dead letters given back to the group since it exists.
             */
            redriven: number;
            /**
             * Format: double
             * @description Since the oldest message that the group has not settled became available; 0: there is none.
             */
            oldest_unsettled_age_seconds: number;
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
        /** @description The id that the answer of prepareMessages gave. */
        PreparedId: string;
        /** @description The first position to look at; next_position of the answer before. Not together with time. */
        BrowsePosition: number;
        /** @description Leave out what became available earlier. */
        BrowseTime: string;
        /** @description Look for this message alone. */
        BrowseMessageId: string;
        BrowseLimit: number;
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
    browseMessages: {
        parameters: {
            query?: {
                /** @description The first position to look at; next_position of the answer before. Not together with time. */
                position?: components["parameters"]["BrowsePosition"];
                /** @description Leave out what became available earlier. */
                time?: components["parameters"]["BrowseTime"];
                /** @description Look for this message alone. */
                message_id?: components["parameters"]["BrowseMessageId"];
                limit?: components["parameters"]["BrowseLimit"];
            };
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages in order of their positions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrowsedMessages"];
                };
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
                    "application/json": components["schemas"]["SentMessages"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listPrepared: {
        parameters: {
            query?: {
                page_size?: components["parameters"]["PageSize"];
                /** @description next_page_token of the page before. */
                page_token?: components["parameters"]["PageToken"];
            };
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
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
                    "application/json": components["schemas"]["PreparedPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    prepareMessages: {
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
                "application/json": components["schemas"]["PrepareRequest"];
            };
        };
        responses: {
            /** @description Stored, and waiting for the decision. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Prepared"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    commitPrepared: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                /** @description The id that the answer of prepareMessages gave. */
                prepared_id: components["parameters"]["PreparedId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The messages that are now sent. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommittedMessages"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rollbackPrepared: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
                /** @description The id that the answer of prepareMessages gave. */
                prepared_id: components["parameters"]["PreparedId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Erased. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    purgeMessages: {
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
            /** @description How many there were. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Purged"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getQueueStatistics: {
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
            /** @description The counters. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueStatistics"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getGroupStatistics: {
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
            /** @description The counters. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupStatistics"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    seekGroup: {
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
                "application/json": components["schemas"]["SeekRequest"];
            };
        };
        responses: {
            /** @description Moved. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
    extendMessages: {
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
                "application/json": components["schemas"]["ExtendRequest"];
            };
        };
        responses: {
            /** @description What became of each, in order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Extended"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getRedrive: {
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
            /** @description Its state; all zero when there was none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedriveStatus"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    redriveDeadLetters: {
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
                "application/json": components["schemas"]["RedriveRequest"];
            };
        };
        responses: {
            /** @description How many were given back by now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redriven"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    stopRedrive: {
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
            /** @description Stopped, or there was none. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    browseDeadLetters: {
        parameters: {
            query?: {
                /** @description The first position to look at; next_position of the answer before. Not together with time. */
                position?: components["parameters"]["BrowsePosition"];
                /** @description Leave out what became available earlier. */
                time?: components["parameters"]["BrowseTime"];
                /** @description Look for this message alone. */
                message_id?: components["parameters"]["BrowseMessageId"];
                limit?: components["parameters"]["BrowseLimit"];
            };
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
            /** @description Dead letters in order of their positions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrowsedMessages"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    purgeDeadLetters: {
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
            /** @description How many there were. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Purged"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    extendDeadLetters: {
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
                "application/json": components["schemas"]["ExtendRequest"];
            };
        };
        responses: {
            /** @description What became of each, in order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Extended"];
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
