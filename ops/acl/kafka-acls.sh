#!/bin/sh
# What each stage's user may do on the cluster, and nothing else. The lines are those of 'respec topics acls', which also
# knows topic and principal prefixes and applies them itself with --apply.
#   BOOTSTRAP=kafka:9092 COMMAND_CONFIG=admin.properties ops/acl/kafka-acls.sh
set -eu
acls() {
  kafka-acls.sh --bootstrap-server "${BOOTSTRAP:?set it to host:port}" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} "$@"
}
acls --add --allow-principal 'User:respec-rollout-worker' --operation Read --topic 'rollout-requests'
acls --add --allow-principal 'User:respec-rollout-worker' --operation Read --operation Write --topic 'rollouts'
acls --add --allow-principal 'User:respec-rollout-worker' --operation Write --topic 'acceptance-stats'
acls --add --allow-principal 'User:respec-rollout-worker' --operation Write --topic 'cost-profiles'
acls --add --allow-principal 'User:respec-rollout-worker' --operation Read --topic 'sd-settings'
acls --add --allow-principal 'User:respec-rollout-worker' --operation Read --topic 'weight-updates'
acls --add --allow-principal 'User:respec-rollout-worker' --operation Write --topic 'worker-status'
acls --add --allow-principal 'User:respec-rollout-worker' --operation Write --topic 'dead-letters'
acls --add --allow-principal 'User:respec-reward-scorer' --operation Read --topic 'rollouts'
acls --add --allow-principal 'User:respec-reward-scorer' --operation Write --topic 'scored-rollouts'
acls --add --allow-principal 'User:respec-reward-scorer' --operation Write --topic 'dead-letters'
acls --add --allow-principal 'User:respec-sd-controller' --operation Read --topic 'acceptance-stats'
acls --add --allow-principal 'User:respec-sd-controller' --operation Read --topic 'cost-profiles'
acls --add --allow-principal 'User:respec-sd-controller' --operation Write --topic 'sd-settings'
acls --add --allow-principal 'User:respec-sd-controller' --operation Write --topic 'dead-letters'
acls --add --allow-principal 'User:respec-drafter-learner' --operation Read --topic 'scored-rollouts'
acls --add --allow-principal 'User:respec-drafter-learner' --operation Read --operation Write --topic 'weight-updates'
acls --add --allow-principal 'User:respec-drafter-learner' --operation Read --operation Write --topic 'training-steps'
acls --add --allow-principal 'User:respec-drafter-learner' --operation Write --topic 'dead-letters'
acls --add --allow-principal 'User:respec-trainer' --operation Read --operation Write --topic 'rollout-requests'
acls --add --allow-principal 'User:respec-trainer' --operation Read --topic 'scored-rollouts'
acls --add --allow-principal 'User:respec-trainer' --operation Read --operation Write --topic 'weight-updates'
acls --add --allow-principal 'User:respec-trainer' --operation Read --topic 'worker-status'
acls --add --allow-principal 'User:respec-trainer' --operation Read --operation Write --topic 'training-steps'
acls --add --allow-principal 'User:respec-trainer' --operation Write --topic 'dead-letters'
acls --add --allow-principal 'User:respec-rollout-worker' --operation Read --group 'rollout-workers'
acls --add --allow-principal 'User:respec-reward-scorer' --operation Read --group 'reward-scorer'
acls --add --allow-principal 'User:respec-reward-scorer' --operation Read --operation Write --operation Create --operation Delete --operation DescribeConfigs --topic 'reward-scorer-' --resource-pattern-type prefixed
acls --add --allow-principal 'User:respec-sd-controller' --operation Read --group 'sd-controller'
acls --add --allow-principal 'User:respec-sd-controller' --operation Read --operation Write --operation Create --operation Delete --operation DescribeConfigs --topic 'sd-controller-' --resource-pattern-type prefixed
acls --add --allow-principal 'User:respec-reward-scorer' --operation Write --transactional-id 'reward-scorer-' --resource-pattern-type prefixed
acls --add --allow-principal 'User:respec-trainer' --operation Write --transactional-id 'trainer-' --resource-pattern-type prefixed
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'rollout-requests'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'rollout-requests'
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'rollouts'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'rollouts'
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'acceptance-stats'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'acceptance-stats'
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'cost-profiles'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'cost-profiles'
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'sd-settings'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'sd-settings'
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'scored-rollouts'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'scored-rollouts'
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'weight-updates'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'weight-updates'
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'worker-status'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'worker-status'
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'training-steps'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'training-steps'
acls --add --allow-principal 'User:respec-operator' --operation Create --operation Alter --operation AlterConfigs --topic 'dead-letters'
acls --add --allow-principal 'User:respec-observer' --operation Read --topic 'dead-letters'
acls --add --allow-principal 'User:respec-operator' --operation Describe --operation DescribeConfigs --operation AlterConfigs --group 'rollout-workers'
acls --add --allow-principal 'User:respec-observer' --operation Describe --group 'rollout-workers'
