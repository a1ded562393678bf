import * as tokens from '@cloudscape-design/design-tokens';

/**
 * Our own style sheet takes its colours from the component library's tokens, whose variable names carry a hash. They are set on
 * the body, where the library sets the class of the dark theme: a variable is resolved where it is declared.
 */
const ours = {
  '--text': tokens.colorTextBodyDefault,
  '--text-quiet': tokens.colorTextBodySecondary,
  '--line': tokens.colorBorderDividerDefault,
  '--surface': tokens.colorBackgroundContainerContent,
  '--surface-quiet': tokens.colorBackgroundCodeView,
  '--accent': tokens.colorBackgroundButtonPrimaryDefault,
  '--on-accent': tokens.colorTextButtonPrimaryDefault,
  '--good': tokens.colorTextStatusSuccess,
  '--mono': tokens.fontFamilyMonospace,
  '--radius': tokens.borderRadiusContainer,
};

export function declareTokens() {
  for (const [name, value] of Object.entries(ours)) document.body.style.setProperty(name, value);
}
