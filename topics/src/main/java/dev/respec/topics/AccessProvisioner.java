package dev.respec.topics;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.resource.ResourcePatternFilter;

/**
 * Brings a cluster's access control lists to what the rules say. Idempotent. Takes nothing away: what the roles' users
 * may do beyond the rules is named by {@link #surplus()}.
 */
public final class AccessProvisioner {
    private final Supplier<Admin> admins;
    private final List<AccessRule> rules;
    private final String principalPrefix;

    AccessProvisioner(Supplier<Admin> admins, List<AccessRule> rules, String principalPrefix) {
        this.admins = admins;
        this.rules = rules;
        this.principalPrefix = principalPrefix;
    }

    /** A line a rule: arguments of {@code kafka-acls.sh}. */
    public List<String> lines() {
        return rules.stream().map(rule -> rule.arguments(principalPrefix)).toList();
    }

    /** Adds what is missing and says how many entries those were. */
    public int apply() {
        try (var admin = admins.get()) {
            var missing = wanted();
            missing.removeAll(existing(admin));
            admin.createAcls(missing).all().get();
            return missing.size();
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterUnreachableException("interrupted while writing access control lists", e);
        }
    }

    /** Entries of the roles' users that no rule asks for. */
    public List<String> surplus() {
        try (var admin = admins.get()) {
            var surplus = existing(admin);
            surplus.removeAll(wanted());
            return surplus.stream().map(AclBinding::toString).sorted().toList();
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterUnreachableException("interrupted while reading access control lists", e);
        }
    }

    private Set<AclBinding> wanted() {
        return rules.stream()
                .flatMap(rule -> rule.bindings(principalPrefix))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private Set<AclBinding> existing(Admin admin) throws ExecutionException, InterruptedException {
        var existing = new LinkedHashSet<AclBinding>();
        for (String principal : rules.stream()
                .map(rule -> rule.principal(principalPrefix))
                .distinct()
                .toList()) {
            var entries = new AccessControlEntryFilter(principal, null, AclOperation.ANY, AclPermissionType.ANY);
            existing.addAll(admin.describeAcls(new AclBindingFilter(ResourcePatternFilter.ANY, entries))
                    .values()
                    .get());
        }
        return existing;
    }

    private static ClusterUnreachableException failure(ExecutionException error) {
        var cause = error.getCause();
        if (cause instanceof SecurityDisabledException) {
            return new ClusterUnreachableException(
                    "the brokers have no authorizer, so access control lists mean nothing: set authorizer.class.name"
                            + " on them first",
                    error);
        }
        if (cause instanceof ClusterAuthorizationException) {
            return new ClusterUnreachableException(
                    "this user may not change access control lists: use one of the brokers' super.users, or one with"
                            + " Alter on the cluster",
                    error);
        }
        return new ClusterUnreachableException("access control lists cannot be changed (" + cause + ")", error);
    }
}
