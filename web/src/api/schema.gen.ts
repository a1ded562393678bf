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
         * @description Sets the session cookies, as signing in does. The account has a project in every region, named after the region. Where a mail server is
         *     configured the account is opened by the link in a mail instead, and the answer is the same for an address that has an account already.
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
        /** List the caller's sessions of the console */
        get: operations["listSessions"];
        put?: never;
        /** Sign in to the console */
        post: operations["signIn"];
        /** End all sessions of the caller but this one */
        delete: operations["endOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in, second step */
        post: operations["completeSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session of the caller */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change the caller's password
         * @description Needs a session. All tokens and all other sessions of the user end; this one goes on with new cookies.
         */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/email-verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send the caller a mail that confirms their address */
        post: operations["requestEmailVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/email-verifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm an address with the ticket out of a mail
         * @description Opens the account when the mail was about a sign-up.
         */
        post: operations["confirmEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/password-resets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set another password with the ticket out of a mail
         * @description All tokens and sessions of the user end. A second factor stays.
         */
        put: operations["resetPassword"];
        /** Send a mail that sets another password */
        post: operations["requestPasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Does the caller have a second factor */
        get: operations["getTOTP"];
        put?: never;
        /**
         * Make a secret for the caller's authenticator app
         * @description Needs a session. The secret is in this answer and nowhere else, and protects nothing before confirmTOTP.
         */
        post: operations["beginTOTP"];
        /**
         * Remove the caller's second factor
         * @description Needs a session and a code. All tokens and all other sessions of the user end; this one goes on with new cookies.
         */
        delete: operations["removeTOTP"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the second factor count, by a code of the app
         * @description Needs a session. All tokens and all other sessions of the user end; this one goes on with new cookies.
         */
        post: operations["confirmTOTP"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make new recovery codes, by a code of the app */
        post: operations["replaceRecoveryCodes"];
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
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the users of the account */
        get: operations["listUsers"];
        put?: never;
        /**
         * Create a user
         * @description The caller must hold what the user groups may do. A user without a password signs requests with access keys alone.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** Show a user */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /** Delete a user with its access keys and sessions */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /**
         * Enable or disable a user, or change the e-mail address
         * @description A disabled user has no session, token or access key that works. Enabling a user and changing its address take all that the user may do.
         */
        patch: operations["updateUser"];
        trace?: never;
    };
    "/api/v1/users/{user_id}/password": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Give a user another password
         * @description Ends all sessions and tokens of the user. Takes all that the user may do.
         */
        put: operations["resetUserPassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}/access-keys": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** List a user's access keys */
        get: operations["listUserAccessKeys"];
        put?: never;
        /**
         * Create an access key for a user
         * @description The secret is in this answer and nowhere else. Takes all that the user may do.
         */
        post: operations["createUserAccessKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}/access-keys/{access_key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                access_key: components["parameters"]["UserAccessKeyId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a user's access key */
        delete: operations["deleteUserAccessKey"];
        options?: never;
        head?: never;
        /** Enable or disable a user's access key */
        patch: operations["updateUserAccessKey"];
        trace?: never;
    };
    "/api/v1/users/{user_id}/policies": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** List the policies of a user */
        get: operations["listUserPolicies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}/policies/{policy_name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Attach a policy to a user
         * @description The caller must hold all that the policy allows. Attaching it again changes nothing.
         */
        put: operations["attachUserPolicy"];
        post?: never;
        /**
         * Detach a policy from a user
         * @description The caller must hold what the policy denied.
         */
        delete: operations["detachUserPolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/user-groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the user groups of the account */
        get: operations["listUserGroups"];
        put?: never;
        /** Create a user group */
        post: operations["createUserGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/user-groups/{user_group_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
            };
            cookie?: never;
        };
        /** Show a user group with its members */
        get: operations["getUserGroup"];
        put?: never;
        post?: never;
        /**
         * Delete a user group
         * @description Its members lose what only it allowed. The caller must hold what it denied.
         */
        delete: operations["deleteUserGroup"];
        options?: never;
        head?: never;
        /** Change the description of a user group */
        patch: operations["updateUserGroup"];
        trace?: never;
    };
    "/api/v1/user-groups/{user_group_id}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Add a user to a user group
         * @description The caller must hold all that the user group may do.
         */
        put: operations["addUserGroupMember"];
        post?: never;
        /**
         * Remove a user from a user group
         * @description The caller must hold what the user group denied.
         */
        delete: operations["removeUserGroupMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/user-groups/{user_group_id}/policies": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
            };
            cookie?: never;
        };
        /** List the policies of a user group */
        get: operations["listUserGroupPolicies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/user-groups/{user_group_id}/policies/{policy_name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Attach a policy to a user group
         * @description The caller must hold all that the policy allows. Attaching it again changes nothing.
         */
        put: operations["attachUserGroupPolicy"];
        post?: never;
        /**
         * Detach a policy from a user group
         * @description The caller must hold what the policy denied.
         */
        delete: operations["detachUserGroupPolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the built-in policies and those of the account */
        get: operations["listPolicies"];
        put?: never;
        /**
         * Create a policy
         * @description It gives nothing until it is attached.
         */
        post: operations["createPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{policy_name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        /** Show a policy and where it is attached */
        get: operations["getPolicy"];
        /**
         * Change a policy for all that have it
         * @description The caller must hold what the policy then allows anew or denies no longer.
         */
        put: operations["updatePolicy"];
        post?: never;
        /** Delete a policy that is attached to nothing */
        delete: operations["deletePolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policy-simulations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would be decided, and why
         * @description Nothing is changed. Attach and replace say what to judge by instead of what there is.
         */
        post: operations["simulatePolicies"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All actions that policies can name */
        get: operations["listActions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public keys that tokens are signed with
         * @description As a JSON Web Key Set (RFC 7517). A key is here before it signs, and for as long as a token of it can live.
         */
        get: operations["listSigningKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the account's roles */
        get: operations["listRoles"];
        put?: never;
        /**
         * Create a role
         * @description A role has no rights until a policy is attached to it. Whom it trusts may then assume it for a while, if their own policies allow `iam:role:assume`.
         */
        post: operations["createRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles/{role_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
            };
            cookie?: never;
        };
        /** Get a role */
        get: operations["getRole"];
        put?: never;
        post?: never;
        /** Delete a role; its assumptions end */
        delete: operations["deleteRole"];
        options?: never;
        head?: never;
        /**
         * Change a role
         * @description A change of whom it trusts ends all assumptions of the role, and needs the rights that the role has.
         */
        patch: operations["updateRole"];
        trace?: never;
    };
    "/api/v1/roles/{role_id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End all assumptions of a role
         * @description Temporary credentials and tokens of the role are refused from now on. Whom it trusts may assume it again.
         */
        post: operations["revokeRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/temporary-credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get an access key for a while
         * @description With a role: its rights, if the role trusts the caller and the caller's policies allow `iam:role:assume`. Without: the caller's own. A session policy
         *     narrows either. Requests are signed with the key, and carry the security token in `X-Security-Token`. Temporary credentials cannot get others.
         */
        post: operations["createTemporaryCredentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles/{role_id}/policies": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
            };
            cookie?: never;
        };
        /** List the policies of a role */
        get: operations["listRolePolicies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles/{role_id}/policies/{policy_name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Attach a policy to a role
         * @description The caller must hold all that the policy allows. Attaching it again changes nothing.
         */
        put: operations["attachRolePolicy"];
        post?: never;
        /**
         * Detach a policy from a role
         * @description The caller must hold what the policy denied.
         */
        delete: operations["detachRolePolicy"];
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
    "/api/v1/projects/{project_id}/queues/{queue_id}/policy": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                queue_id: components["parameters"]["QueueId"];
            };
            cookie?: never;
        };
        /** Show what other accounts may do with a queue */
        get: operations["getQueuePolicy"];
        /**
         * Share a queue with other accounts
         * @description Replaces the policy that the queue has. What it gives the caller must be allowed to do, and so must be what a policy that is replaced denied: else 403 grant_too_much. Accounts are named by id, name or `*`, and are kept by id. When the call has returned, the policy is in force on every connected node, and open long polls of those who lost their right have ended. Calls on a shared queue are billed to the caller's account, the queue's hours to its owner's.
         */
        put: operations["setQueuePolicy"];
        post?: never;
        /** Stop sharing a queue */
        delete: operations["deleteQueuePolicy"];
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
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who did what in the account, the newest first
         * @description One record for each change and each sign-in. `action` and `resource` may end in `*`, for all that begin so.
         */
        get: operations["searchAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How often policies refused, and access keys were used, by the minute
         * @description The newest minutes first. Minutes appear when they have ended, and are kept for 90 days.
         */
        get: operations["countAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The account's whole trail with its hashes, the oldest first
         * @description A line for each record: `{"hash", "prev_hash", "record"}`. The hash is SHA-256 of the bytes of `prev_hash` (none for the first) and the text of `record` as it
         *     stands in the line, so a kept export shows later whether the trail was changed.
         */
        get: operations["exportAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check that no record of the account's trail was changed, moved or dropped */
        get: operations["verifyAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operator/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what in an account, or to the platform itself, the newest first */
        get: operations["searchAccountAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operator/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The accounts of the platform */
        get: operations["listAccounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operator/accounts/{account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An account with its projects */
        get: operations["getAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operator/accounts/{account_id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refuse all credentials of an account
         * @description Queues and messages are kept. Open long polls end. The account's own trail says who did it and why.
         */
        post: operations["suspendAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operator/accounts/{account_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the suspension of an account */
        post: operations["resumeAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operator/accounts/{account_id}/impersonation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Act as a user of an account, for an hour
         * @description Sets the cookies of a session of the user. Whatever is done with it is in the account's trail with the operator's id. It never has an operator's rights, and cannot
         *     make what outlives it: passwords, second factors and access keys stay the user's own.
         */
        post: operations["impersonate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operator/signing-keys/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign tokens with the next key
         * @description Tokens of the present key stay good until they expire.
         */
        post: operations["rotateSigningKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operator/projects/{project}/quotas": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the project. */
                project: string;
            };
            cookie?: never;
        };
        /** What a project may have */
        get: operations["getProjectQuotas"];
        /** Change what a project may have */
        put: operations["setProjectQuotas"];
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
            /** @description Which permission was missing; with 403 and code policy_denied. */
            denial?: {
                action: string;
                resource: string;
                /** @enum {string} */
                effect: "explicit_deny" | "implicit_deny";
                /** @description The statement that denies, to callers who may simulate policies. */
                statement?: string;
            };
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
        SignInChallenge: {
            /** @description For completeSignIn. */
            ticket: string;
            /** Format: date-time */
            expires_at: string;
            methods: ("totp" | "recovery_code")[];
        };
        /** @description The six digits that the app shows. Each is good once. */
        TOTPCode: string;
        /** @description One of the codes that confirmTOTP gave. Each is good once. */
        RecoveryCode: string;
        TOTPRequest: {
            totp: components["schemas"]["TOTPCode"];
        };
        RecoveryCodes: {
            /** @description For the day on which the app is lost. They are shown here and nowhere else. */
            recovery_codes: string[];
        };
        Session: {
            id: string;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was renewed last.
             */
            seen_at: string;
            /**
             * Format: date-time
             * @description When it ends in any case.
             */
            expires_at: string;
            /** @description Where it began. */
            address?: string;
            user_agent?: string;
            /** @description It has a second factor. */
            mfa: boolean;
            /** @description An operator acts as the user. */
            impersonated?: boolean;
            /** @description The request came with it. */
            current: boolean;
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
                /** @description The address was confirmed. */
                email_verified?: boolean;
                /** @description The user has a second factor. */
                mfa?: boolean;
                /** @description The user may operate the platform. */
                operator?: boolean;
            };
            /** @description The operator who acts as the user. */
            impersonator_id?: string;
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
        SigningKeySet: {
            keys: components["schemas"]["SigningKey"][];
        };
        SigningKey: {
            kty: string;
            crv: string;
            x: string;
            kid: string;
            use: string;
            alg: string;
        };
        Role: {
            id: string;
            name: string;
            description: string;
            trusted_account_id: string;
            /** @description Ids; empty - all users of the trusted account. */
            trusted_users: string[];
            max_duration_seconds: number;
            /** Format: date-time */
            created_at: string;
        };
        TemporaryCredentials: {
            access_key: string;
            secret_key: string;
            security_token: string;
            /** Format: date-time */
            expires_at: string;
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
        QueuePolicyDocument: {
            /** @enum {string} */
            Version?: "1.1";
            Statement: {
                Sid?: string;
                /**
                 * @description Default Allow. A denial outweighs every permission; of the owner's own users a policy can only deny.
                 * @enum {string}
                 */
                Effect?: "Allow" | "Deny";
                Principal: {
                    /** @description Ids or names of accounts, or `*`. */
                    Account?: string[];
                    /** @description Account id, colon, user id. */
                    User?: string[];
                };
                Action: ("DMS:GetQueue" | "DMS:CreateGroup" | "DMS:GetGroups" | "DMS:DeleteGroup" | "DMS:ProduceMessages" | "DMS:ConsumeMessages" | "DMS:*")[];
                /** @description Operator, key, values, as in the policies of users. */
                Condition?: Record<string, never>;
            }[];
        };
        QueuePolicy: {
            /**
             * Format: int64
             * @description Higher with every policy that the queue is given.
             */
            version: number;
            /** @description As it is kept, with the ids of accounts. */
            document: Record<string, never>;
            /** Format: date-time */
            updated_at: string;
            /** @description Id of the user who set it. */
            updated_by: string;
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
        AuditPage: {
            records: components["schemas"]["AuditRecord"][];
            next_page_token?: string;
        };
        AuditRecord: {
            id: string;
            /**
             * Format: int64
             * @description Counts the records of the account, without gaps.
             */
            sequence: number;
            /** Format: date-time */
            at: string;
            action: string;
            resource: string;
            /** @enum {string} */
            result: "ok" | "denied" | "failed";
            by: components["schemas"]["AuditCaller"];
            /** @description SHA-256 of what it was, where it was changed or deleted. */
            before_hash?: string;
            /** @description SHA-256 of what it is, where it was made or changed. */
            after_hash?: string;
            detail?: {
                [key: string]: string;
            };
            /** @description Chains the record to the one before it; see exportAudit. */
            hash: string;
        };
        /** @description Who was behind it. Without a user it was the system, or somebody who was not known yet. */
        AuditCaller: {
            account_id?: string;
            user_id?: string;
            user_name?: string;
            via?: string;
            credential_id?: string;
            /** @description The operator who acted as the user. */
            impersonator_id?: string;
            /** @description Who had got the temporary credentials. */
            parent_user_id?: string;
            address?: string;
            user_agent?: string;
            request_id?: string;
        };
        AuditCount: {
            /**
             * Format: date-time
             * @description When the minute began.
             */
            minute: string;
            /** @enum {string} */
            kind: "denied" | "used";
            user_id?: string;
            /** @description The access key that was used. */
            credential_id?: string;
            /** @description What was refused. */
            action?: string;
            /** @description "other" stands for all that was too much to be counted apart. */
            resource?: string;
            /** Format: int64 */
            calls: number;
        };
        AuditVerdict: {
            ok: boolean;
            /**
             * Format: int64
             * @description How many records were found good.
             */
            records: number;
            /**
             * Format: int64
             * @description The sequence of the first record that is not what was written.
             */
            broken_at?: number;
            problem?: string;
            /** @description The hash of the last record. */
            head_hash?: string;
        };
        OperatorAccount: {
            id: string;
            name: string;
            /** @enum {string} */
            state: "active" | "suspended";
            /** Format: date-time */
            suspended_at?: string;
            suspended_reason?: string;
            first_user_id: string;
            /** Format: date-time */
            created_at: string;
        };
        OperatorAccountDetail: components["schemas"]["OperatorAccount"] & {
            projects: components["schemas"]["Project"][];
        };
        WithReason: {
            /** @description What the account's trail will say. */
            reason: string;
        };
        ProjectQuotas: {
            queues: number;
            groups_per_queue: number;
        };
        ManagedUser: {
            id: string;
            name: string;
            email?: string;
            enabled: boolean;
            /** Format: date-time */
            created_at: string;
            groups: components["schemas"]["NamedId"][];
        };
        NamedId: {
            id: string;
            name: string;
        };
        UserPage: {
            users: components["schemas"]["ManagedUser"][];
            /** @description Absent on the last page. */
            next_page_token?: string;
        };
        CreateUserRequest: {
            name: string;
            email?: string;
            password?: components["schemas"]["Password"];
            group_ids?: string[];
        };
        UpdateUserRequest: {
            enabled?: boolean;
            /** @description "" for none. */
            email?: string;
        };
        ResetPasswordRequest: {
            password: components["schemas"]["Password"];
        };
        UserAccessKey: {
            access_key: string;
            description?: string;
            enabled: boolean;
            /** Format: date-time */
            created_at: string;
        };
        UserAccessKeys: {
            access_keys: components["schemas"]["UserAccessKey"][];
        };
        CreatedUserAccessKey: {
            access_key: string;
            secret_key: string;
            description?: string;
            /** Format: date-time */
            created_at: string;
        };
        CreateUserAccessKeyRequest: {
            description?: string;
        };
        UpdateUserAccessKeyRequest: {
            enabled: boolean;
        };
        UserGroup: {
            id: string;
            name: string;
            description: string;
            /** Format: date-time */
            created_at: string;
        };
        UserGroups: {
            user_groups: components["schemas"]["UserGroup"][];
        };
        UserGroupWithMembers: {
            id: string;
            name: string;
            description: string;
            /** Format: date-time */
            created_at: string;
            members: components["schemas"]["NamedId"][];
        };
        CreateUserGroupRequest: {
            name: string;
            description?: string;
        };
        UpdateUserGroupRequest: {
            description: string;
        };
        /** @description Version "1.1" and statements of Effect, Action, Resource and Condition. */
        PolicyDocument: Record<string, never>;
        ManagedPolicy: {
            name: string;
            /** @description Every account has it, and nobody can change it. */
            builtin: boolean;
            description?: string;
            document: components["schemas"]["PolicyDocument"];
            /**
             * Format: int64
             * @description Counts the changes; absent with built-in ones.
             */
            version?: number;
            /** Format: date-time */
            created_at?: string;
            /** Format: date-time */
            updated_at?: string;
            /** @description Not in lists. */
            attached_to?: components["schemas"]["PolicySubject"][];
        };
        PolicySubject: {
            /** @enum {string} */
            kind: "user" | "user_group" | "role";
            id: string;
        };
        Policies: {
            policies: components["schemas"]["ManagedPolicy"][];
        };
        CreatePolicyRequest: {
            name: string;
            description?: string;
            document: components["schemas"]["PolicyDocument"];
        };
        UpdatePolicyRequest: {
            description?: string;
            document: components["schemas"]["PolicyDocument"];
            /**
             * Format: int64
             * @description The version that was seen; when it is not the present one, nothing is changed and the answer is 409.
             */
            version?: number;
        };
        AttachedPolicies: {
            policies: components["schemas"]["AttachedPolicy"][];
        };
        AttachedPolicy: {
            name: string;
            builtin: boolean;
            /** Format: date-time */
            attached_at: string;
        };
        SimulationRequest: {
            subject: {
                /** @enum {string} */
                kind: "user" | "user_group" | "role";
                id: string;
            };
            actions: string[];
            resources: string[];
            /** @description The circumstances that conditions ask for. */
            context?: {
                /**
                 * Format: date-time
                 * @description Now when absent.
                 */
                time?: string;
                source_address?: string;
                mfa?: boolean;
                tls?: boolean;
                project_name?: string;
                /** @description Of the queues. */
                tags?: {
                    key: string;
                    value: string;
                }[];
            };
            /** @description As if these were attached as well. */
            attach?: components["schemas"]["PolicyDocument"][];
            /** @description As if the policies of these names read so. */
            replace?: {
                [key: string]: components["schemas"]["PolicyDocument"];
            };
        };
        Simulation: {
            decisions: components["schemas"]["SimulatedDecision"][];
        };
        SimulatedDecision: {
            action: string;
            resource: string;
            /** @enum {string} */
            effect: "allow" | "explicit_deny" | "implicit_deny";
            statement?: components["schemas"]["StatementRef"];
            /** @description Statements that would count but for a condition. */
            unmet: components["schemas"]["UnmetStatement"][];
        };
        UnmetStatement: {
            statement: components["schemas"]["StatementRef"];
            /** @description Operator and key. */
            condition: string;
        };
        StatementRef: {
            /** @enum {string} */
            layer: "identity" | "session" | "queue";
            /** @description What the policy is attached to: "u:", "g:" or "r:" and an id. */
            subject?: string;
            policy: string;
            /** @description Of the statement in the policy, from 0. */
            index: number;
            sid?: string;
        };
        Actions: {
            actions: components["schemas"]["ActionInfo"][];
        };
        ActionInfo: {
            action: string;
            /** @description The kind of thing that it is done to. */
            resource: string;
            /** @enum {string} */
            level: "read" | "write" | "grant" | "platform";
            /** @description Its name in a queue's policy, where that can give it. */
            queue_policy?: string;
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
        AccountId: string;
        UserId: string;
        UserGroupId: string;
        UserAccessKeyId: string;
        PolicyName: string;
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
            /** @description A mail is on its way to the address. Nobody is signed in. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Those that live, the newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: components["schemas"]["Session"][];
                    };
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
            /** @description The password was right, and the user has a second factor. Go on with completeSignIn. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInChallenge"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endOtherSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They have ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    completeSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    ticket: string;
                    totp?: components["schemas"]["TOTPCode"];
                    recovery_code?: components["schemas"]["RecoveryCode"];
                };
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
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
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
                "application/json": {
                    /** Format: password */
                    current: string;
                    new: components["schemas"]["Password"];
                };
            };
        };
        responses: {
            /** @description Changed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    requestEmailVerification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The mail is on its way, unless the address is confirmed already. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    confirmEmail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                };
            };
        };
        responses: {
            /** @description Confirmed. Sign in. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    resetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                    new: components["schemas"]["Password"];
                };
            };
        };
        responses: {
            /** @description Set. Sign in. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    requestPasswordReset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: email */
                    email: string;
                };
            };
        };
        responses: {
            /** @description The same for an address that is known and one that is not. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getTOTP: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        enabled: boolean;
                        recovery_codes_left: number;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    beginTOTP: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description As it is typed into an app. */
                        secret: string;
                        /** @description otpauth://, as an app reads it from a picture. */
                        uri: string;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeTOTP: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    totp?: components["schemas"]["TOTPCode"];
                    recovery_code?: components["schemas"]["RecoveryCode"];
                };
            };
        };
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    confirmTOTP: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TOTPRequest"];
            };
        };
        responses: {
            /** @description It counts from now on. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceRecoveryCodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TOTPRequest"];
            };
        };
        responses: {
            /** @description The new codes; the old ones are good no more. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
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
    listUsers: {
        parameters: {
            query?: {
                page_size?: components["parameters"]["PageSize"];
                /** @description next_page_token of the page before. */
                page_token?: components["parameters"]["PageToken"];
            };
            header?: never;
            path?: never;
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
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateUserRequest"];
            };
        };
        responses: {
            /** @description The user. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedUser"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedUser"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
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
    updateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUserRequest"];
            };
        };
        responses: {
            /** @description The user as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedUser"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    resetUserPassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResetPasswordRequest"];
            };
        };
        responses: {
            /** @description Changed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listUserAccessKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
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
                    "application/json": components["schemas"]["UserAccessKeys"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createUserAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateUserAccessKeyRequest"];
            };
        };
        responses: {
            /** @description The key and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedUserAccessKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteUserAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                access_key: components["parameters"]["UserAccessKeyId"];
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
    updateUserAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                access_key: components["parameters"]["UserAccessKeyId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUserAccessKeyRequest"];
            };
        };
        responses: {
            /** @description Changed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listUserPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttachedPolicies"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    attachUserPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Attached. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    detachUserPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Detached. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listUserGroups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By name; at most 100. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserGroups"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createUserGroup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateUserGroupRequest"];
            };
        };
        responses: {
            /** @description The user group. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUserGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user group. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserGroupWithMembers"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteUserGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
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
    updateUserGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUserGroupRequest"];
            };
        };
        responses: {
            /** @description The user group as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserGroup"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    addUserGroupMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user is in the group. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    removeUserGroupMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user is not in the group any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listUserGroupPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttachedPolicies"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    attachUserGroupPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Attached. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    detachUserGroupPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_group_id: components["parameters"]["UserGroupId"];
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Detached. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The built-in ones first, then by name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policies"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreatePolicyRequest"];
            };
        };
        responses: {
            /** @description The policy. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedPolicy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policy. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedPolicy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    updatePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdatePolicyRequest"];
            };
        };
        responses: {
            /** @description The policy as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedPolicy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deletePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                policy_name: components["parameters"]["PolicyName"];
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
    simulatePolicies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SimulationRequest"];
            };
        };
        responses: {
            /** @description A decision for each action on each resource. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listActions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The actions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Actions"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSigningKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys. */
            200: {
                headers: {
                    "Cache-Control"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SigningKeySet"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRoles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description In the order of names. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        roles: components["schemas"]["Role"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createRole: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    description?: string;
                    /** @description Id or name; without it the own account. */
                    trusted_account?: string;
                    /** @description Ids of users of the trusted account; without it all of them. */
                    trusted_users?: string[];
                    /** @description Without it 3600. */
                    max_duration_seconds?: number;
                };
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The role. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
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
    updateRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    description?: string;
                    trusted_account?: string;
                    trusted_users?: string[];
                    max_duration_seconds?: number;
                };
            };
        };
        responses: {
            /** @description The role as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revokeRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    createTemporaryCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    role?: {
                        /** @description Id or name; without it the own account. */
                        account?: string;
                        name: string;
                    };
                    /** @description Without it 900. Cut to what the role and the own token have left. */
                    duration_seconds?: number;
                    /** @description With a role: names the assumption in the audit trail. */
                    session_name?: string;
                    /** @description A session policy of at most 2048 bytes. */
                    policy?: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description The credentials. The secret is in this answer and nowhere else. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemporaryCredentials"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRolePolicies: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttachedPolicies"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    attachRolePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Attached. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    detachRolePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: string;
                policy_name: components["parameters"]["PolicyName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Detached. */
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
    getQueuePolicy: {
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
            /** @description The policy. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueuePolicy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setQueuePolicy: {
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
                "application/json": components["schemas"]["QueuePolicyDocument"];
            };
        };
        responses: {
            /** @description The policy as it is kept. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueuePolicy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteQueuePolicy: {
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
            /** @description The queue is its owner's alone. */
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
    searchAudit: {
        parameters: {
            query?: {
                from?: string;
                /** @description The first instant that is not asked for. */
                to?: string;
                user_id?: string;
                action?: string;
                resource?: string;
                page_size?: components["parameters"]["PageSize"];
                /** @description next_page_token of the page before. */
                page_token?: components["parameters"]["PageToken"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of records. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    countAudit: {
        parameters: {
            query?: {
                from?: string;
                /** @description The first instant that is not asked for. */
                to?: string;
                kind?: "denied" | "used";
                page_size?: components["parameters"]["PageSize"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        counts: components["schemas"]["AuditCount"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportAudit: {
        parameters: {
            query?: {
                /** @description Leave out the records up to this sequence. */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The records as newline-delimited JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    verifyAudit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerdict"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    searchAccountAudit: {
        parameters: {
            query?: {
                /** @description Left out: the trail of the platform. */
                account_id?: string;
                from?: string;
                /** @description The first instant that is not asked for. */
                to?: string;
                user_id?: string;
                action?: string;
                resource?: string;
                page_size?: components["parameters"]["PageSize"];
                /** @description next_page_token of the page before. */
                page_token?: components["parameters"]["PageToken"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of records. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAccounts: {
        parameters: {
            query?: {
                /** @description A part of the name, in any case. */
                search?: string;
                page_size?: components["parameters"]["PageSize"];
                /** @description next_page_token of the page before. */
                page_token?: components["parameters"]["PageToken"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of accounts, in the order of ids. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accounts: components["schemas"]["OperatorAccount"][];
                        next_page_token?: string;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorAccountDetail"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    suspendAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WithReason"];
            };
        };
        responses: {
            /** @description The account is suspended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    resumeAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WithReason"];
            };
        };
        responses: {
            /** @description The account's credentials are accepted again. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    impersonate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What the account's trail will say. */
                    reason: string;
                    /** @description Left out: the user who opened the account. */
                    user_id?: string;
                };
            };
        };
        responses: {
            /** @description The session has begun; it is in the cookies. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account_id: string;
                        user_id: string;
                        /** Format: date-time */
                        expires_at: string;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rotateSigningKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ids of the keys as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description It signs from now on. */
                        current: string;
                        /** @description It is published already. */
                        next: string;
                        /** @description No token of these can be good any more. */
                        deleted: string[];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getProjectQuotas: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the project. */
                project: string;
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
                    "application/json": components["schemas"]["ProjectQuotas"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setProjectQuotas: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the project. */
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectQuotas"];
            };
        };
        responses: {
            /** @description The quotas as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectQuotas"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
