<?php
// Sets the site up by WordPress' own functions, with the threads of our site, and returns posts and cookies.
$given = json_decode(file_get_contents('php://input'), true);
if ($given['act'] === 'install') {
    define('WP_INSTALLING', true);
}
require __DIR__ . '/wp-load.php';
header('Content-Type: application/json');

function install() {
    require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    // As it would by mail.
    add_filter('pre_wp_mail', '__return_true');
    wp_install('Beside', 'host', 'host@example.org', false, '', 'of the host');
    global $wp_rewrite;
    $wp_rewrite->set_permalink_structure('/%postname%/');
    $options = [
        'comment_registration' => 1, 'comment_moderation' => 0, 'comment_previously_approved' => 0,
        'comments_notify' => 0, 'moderation_notify' => 0, 'thread_comments' => 1,
    ];
    foreach ($options as $name => $value) {
        update_option($name, $value);
    }
    return ['version' => get_bloginfo('version'), 'theme' => (string) wp_get_theme()];
}

function fill($given) {
    $members = $cookies = $paths = [];
    for ($number = 0; $number < $given['members']; $number++) {
        $name = "member$number";
        $id = wp_insert_user(['user_login' => $name, 'user_pass' => "of $name", 'user_email' => "$name@example.org", 'role' => 'subscriber']);
        $members[] = get_userdata($id);
        $end = time() + DAY_IN_SECONDS;
        $token = WP_Session_Tokens::get_instance($id)->create($end);
        $cookies[] = LOGGED_IN_COOKIE . '=' . rawurlencode(wp_generate_auth_cookie($id, $end, 'logged_in', $token));
    }
    flush_rewrite_rules(false);
    wp_defer_comment_counting(true);
    foreach ($given['posts'] as $post) {
        $id = wp_insert_post([
            'post_title' => $post['title'], 'post_content' => $post['body'], 'post_status' => 'publish',
            'post_author' => 1, 'comment_status' => 'open',
        ]);
        $paths[] = ['id' => $id, 'path' => parse_url(get_permalink($id), PHP_URL_PATH)];
        $ids = [];
        foreach ($post['comments'] as $number => $comment) {
            $author = $members[$comment['author'] % count($members)];
            $ids[] = wp_insert_comment([
                'comment_post_ID' => $id, 'user_id' => $author->ID, 'comment_author' => $author->display_name,
                'comment_author_email' => $author->user_email, 'comment_content' => $comment['body'],
                'comment_parent' => $comment['parent'] === null ? 0 : $ids[$comment['parent']],
                'comment_date' => $comment['date'], 'comment_date_gmt' => $comment['date'], 'comment_approved' => 1,
            ]);
        }
    }
    wp_defer_comment_counting(false);
    return ['cookies' => $cookies, 'posts' => $paths];
}

function counts() {
    global $wpdb;
    return (int) $wpdb->get_var("SELECT COUNT(*) FROM $wpdb->comments WHERE comment_approved = '1'");
}

function paged($given) {
    update_option('page_comments', $given['size'] > 0 ? 1 : 0);
    update_option('comments_per_page', $given['size'] ?: 50);
    return true;
}

echo json_encode($given['act']($given));
