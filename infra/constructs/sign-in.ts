import {
  AccountRecovery,
  FeaturePlan,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Aws, Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { service_scope } from '../../shared/api/route.ts';
import type { AppUrls, GivenIssuer } from '../settings.ts';
import type { Stage } from '../stage.ts';

export interface SignInProps {
  readonly stage: Stage;
  readonly issuer: GivenIssuer | undefined;
  /** Where the user pool's pages may send people back to. */
  readonly app_urls: AppUrls;
}

/** The issuer whose tokens the API takes: a given one, or a Cognito user pool that is made here. */
export class SignIn extends Construct {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** What clients must know about the user pool, by the names of the stack's outputs. */
  readonly outputs: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: SignInProps) {
    super(scope, id);
    if (props.issuer) {
      this.issuer = props.issuer.issuer;
      this.audiences = props.issuer.audiences;
      this.outputs = {};
      return;
    }
    // Cognito writes a scope as <resource server>/<name>: billing:service is billing/service there.
    const [resource = '', name = ''] = service_scope.split(':');
    const pool = this.#userPool(props.stage);
    const service = new ResourceServerScope({ scopeName: name, scopeDescription: 'Act for any account' });
    const server = pool.addResourceServer('Billing', { identifier: resource, scopes: [service] });
    const app = appClient(pool, props.app_urls);
    const backend = pool.addClient('Backend', {
      generateSecret: true,
      oAuth: { flows: { clientCredentials: true }, scopes: [OAuthScope.resourceServer(server, service)] },
    });
    const domain = pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `billing-${props.stage.name}-${Aws.ACCOUNT_ID}` },
    });
    this.issuer = pool.userPoolProviderUrl;
    this.audiences = [app.userPoolClientId, backend.userPoolClientId];
    this.outputs = {
      Issuer: this.issuer,
      AppClientId: app.userPoolClientId,
      BackendClientId: backend.userPoolClientId,
      TokenUrl: `${domain.baseUrl()}/oauth2/token`,
    };
  }

  #userPool(stage: Stage): UserPool {
    const pool = new UserPool(this, 'Users', {
      selfSignUpEnabled: true,
      signInAliases: { email: true },
      autoVerify: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      featurePlan: FeaturePlan.ESSENTIALS,
      deletionProtection: stage.is_production,
      removalPolicy: stage.removal_policy,
    });
    Validations.of(pool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason:
          'The users are the customers of the app: a second factor is theirs to choose, with an authenticator app.',
      },
      {
        id: 'AwsSolutions-COG8',
        reason: 'The Plus plan is paid per active user; a team that wants it changes the plan of its own pool.',
      },
    );
    return pool;
  }
}

function appClient(pool: UserPool, app_urls: AppUrls): UserPoolClient {
  return pool.addClient('App', {
    authFlows: { userSrp: true },
    preventUserExistenceErrors: true,
    accessTokenValidity: Duration.hours(1),
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
      callbackUrls: [...app_urls],
      logoutUrls: [...app_urls],
    },
  });
}
